"""Names of the components of data types, HL7 v2.1 to 2.8, in the form of `officina.wire.dictionary`."""

from __future__ import annotations

from typing import Final

DATA_TYPES: Final[dict[str, str]] = {
    "AD": """
ST Street Address | ST Other Designation | ST City | ST State or Province | ST Zip or Postal Code | ID Country | ID
Address Type | ST Other Geographic Designation
""",
    "AUI": """
ST Authorization Number | DT Date | ST Source
""",
    "CCD": """
ID Invocation Event | DTM Date/time
""",
    "CE": """
ST Identifier | ST Text | ID Name of Coding System | ST Alternate Identifier | ST Alternate Text | ID Name of
Alternate Coding System
""",
    "CF": """
ST Identifier | FT Formatted Text | ID Name of Coding System | ST Alternate Identifier | FT Alternate Formatted Text
| ID Name of Alternate Coding System | ST Coding System Version ID | ST Alternate Coding System Version ID | ST
Original Text | ST Second Alternate Identifier | FT Second Alternate Formatted Text | ID Name of Second Alternate
Coding System | ST Second Alternate Coding System Version ID | ST Coding System OID | ST Value Set OID | DTM Value
Set Version ID | ST Alternate Coding System OID | ST Alternate Value Set OID | DTM Alternate Value Set Version ID |
ST Second Alternate Coding System OID | ST Second Alternate Value Set OID | DTM Second Alternate Value Set Version
ID
""",
    "CK": """
NM ID Number | ST Check Digit | ID Code Identifying The Check Digit Scheme Employed | HD Assigning Authority
""",
    "CN": """
ST ID Number | FN Family Name | ST Given Name | ST Second And Further Given Names Or Initials Thereof | ST Suffix |
ST Prefix | IS Degree | IS Source Table | HD Assigning Authority
""",
    "CNE": """
ST Identifier | ST Text | ID Name of Coding System | ST Alternate Identifier | ST Alternate Text | ID Name of
Alternate Coding System | ST Coding System Version ID | ST Alternate Coding System Version ID | ST Original Text |
ST Second Alternate Identifier | ST Second Alternate Text | ID Name of Second Alternate Coding System | ST Second
Alternate Coding System Version ID | ST Coding System OID | ST Value Set OID | DTM Value Set Version ID | ST
Alternate Coding System OID | ST Alternate Value Set OID | DTM Alternate Value Set Version ID | ST Second Alternate
Coding System OID | ST Second Alternate Value Set OID | DTM Second Alternate Value Set Version ID
""",
    "CNN": """
ST ID Number | ST Family Name | ST Given Name | ST Second and Further Given Names or Initials Thereof | ST Suffix
(e.g., JR or III) | ST Prefix (e.g., DR) | IS Degree (e.g., MD) | IS Source Table | IS Assigning Authority -
Namespace ID | ST Assigning Authority - Universal ID | ID Assigning Authority - Universal ID Type
""",
    "CP": """
MO Price | ID Price Type | NM From Value | NM To Value | CWE Range Units | ID Range Type
""",
    "CQ": """
NM Quantity | CWE Units
""",
    "CWE": """
ST Identifier | ST Text | ID Name of Coding System | ST Alternate Identifier | ST Alternate Text | ID Name of
Alternate Coding System | ST Coding System Version ID | ST Alternate Coding System Version ID | ST Original Text |
ST Second Alternate Identifier | ST Second Alternate Text | ID Name of Second Alternate Coding System | ST Second
Alternate Coding System Version ID | ST Coding System OID | ST Value Set OID | DTM Value Set Version ID | ST
Alternate Coding System OID | ST Alternate Value Set OID | DTM Alternate Value Set Version ID | ST Second Alternate
Coding System OID | ST Second Alternate Value Set OID | DTM Second Alternate Value Set Version ID
""",
    "CX": """
ST ID Number | ST Identifier Check Digit | ID Check Digit Scheme | HD Assigning Authority | ID Identifier Type Code
| HD Assigning Facility | DT Effective Date | DT Expiration Date | CWE Assigning Jurisdiction | CWE Assigning Agency
or Department | ST Security Check | ID Security Check Scheme
""",
    "DDI": """
NM Delay Days | MO Monetary Amount | NM Number of Days
""",
    "DLD": """
CWE Discharge to Location | DTM Effective Date
""",
    "DLN": """
ST License Number | CWE Issuing State, Province, Country | DT Expiration Date
""",
    "DR": """
DTM Range Start Date/Time | DTM Range End Date/Time
""",
    "ED": """
HD Source Application | ID Type of Data | ID Data Subtype | ID Encoding | TX Data
""",
    "EI": """
ST Entity Identifier | IS Namespace ID | ST Universal ID | ID Universal ID Type
""",
    "EIP": """
EI Placer Assigned Identifier | EI Filler Assigned Identifier
""",
    "ELD": """
ST Segment ID | NM Segment Sequence | NM Field Position | CWE Code Identifying Error
""",
    "ERL": """
ST Segment ID | NM Segment Sequence | NM Field Position | NM Field Repetition | NM Component Number | NM
Sub-Component Number
""",
    "FC": """
CWE Financial Class Code | DTM Effective Date
""",
    "FN": """
ST Surname | ST Own Surname Prefix | ST Own Surname | ST Surname Prefix from Partner/Spouse | ST Surname from
Partner/Spouse
""",
    "HD": """
IS Namespace ID | ST Universal ID | ID Universal ID Type
""",
    "JCC": """
CWE Job Code | CWE Job Class | TX Job Description Text
""",
    "LA1": """
IS Point of Care | IS Room | IS Bed | HD Facility | IS Location Status | IS Patient Location Type | IS Building | IS
Floor | AD Address
""",
    "LA2": """
IS Point of Care | IS Room | IS Bed | HD Facility | IS Location Status | IS Patient Location Type | IS Building | IS
Floor | ST Street Address | ST Other Designation | ST City | ST State or Province | ST Zip or Postal Code | ID
Country | ID Address Type | ST Other Geographic Designation
""",
    "MA": """
NM Sample Y From Channel 1 | NM Sample Y From Channel 2 | NM Sample Y From Channel 3 | NM Sample Y From Channel 4 |
NM Sample Y From Channel 5 | NM Sample Y From Channel 6 | NM Sample Y From Channel 7 | NM Sample Y From Channel 8 |
NM Sample Y From Channel 9 | NM Sample Y From Channel 10
""",
    "MO": """
NM Quantity | ID Denomination
""",
    "MOC": """
MO Monetary Amount | CWE Charge Code
""",
    "MOP": """
ID Money or Percentage Indicator | NM Money or Percentage Quantity | ID Monetary Denomination
""",
    "MSG": """
ID Message Code | ID Trigger Event | ID Message Structure
""",
    "NA": """
NM Value1 | NM Value2 | NM Value3 | NM Value4 | NM Value5 | NM Value6 | NM Value7 | NM Value8 | NM Value9 | NM
Value10
""",
    "NDL": """
CNN Name | DTM Start Date/time | DTM End Date/time | IS Point of Care | IS Room | IS Bed | HD Facility | IS Location
Status | IS Patient Location Type | IS Building | IS Floor
""",
    "NR": """
NM Low Value | NM High Value
""",
    "OSD": """
ID Sequence/Results Flag | ST Placer Order Number: Entity Identifier | IS Placer Order Number: Namespace ID | ST
Filler Order Number: Entity Identifier | IS Filler Order Number: Namespace ID | ST Sequence Condition Value | NM
Maximum Number of Repeats | ST Placer Order Number: Universal ID | ID Placer Order Number: Universal ID Type | ST
Filler Order Number: Universal ID | ID Filler Order Number: Universal ID Type
""",
    "PL": """
HD Point of Care | HD Room | HD Bed | HD Facility | IS Location Status | IS Person Location Type | HD Building | HD
Floor | ST Location Description | EI Comprehensive Location Identifier | HD Assigning Authority for Location
""",
    "PLN": """
ST ID Number | CWE Type of ID Number | ST State/other Qualifying Information | DT Expiration Date
""",
    "PN": """
FN Family Name | ST Given Name | ST Second And Further Given Names Or Initials Thereof | ST Suffix | ST Prefix | IS
Degree
""",
    "PPN": """
ST Person Identifier | FN Family Name | ST Given Name | ST Second and Further Given Names or Initials Thereof | ST
Suffix (e.g., JR or III) | ST Prefix (e.g., DR) | IS Degree (e.g., MD) | CWE Source Table | HD Assigning Authority |
ID Name Type Code | ST Identifier Check Digit | ID Check Digit Scheme | ID Identifier Type Code | HD Assigning
Facility | DTM Date/Time Action Performed | ID Name Representation Code | CWE Name Context | DR Name Validity Range
| ID Name Assembly Order | DTM Effective Date | DTM Expiration Date | ST Professional Suffix | CWE Assigning
Jurisdiction | CWE Assigning Agency or Department | ST Security Check | ID Security Check Scheme
""",
    "PRL": """
CWE Parent Observation Identifier | ST Parent Observation Sub-identifier | TX Parent Observation Value Descriptor
""",
    "PT": """
ID Processing ID | ID Processing Mode
""",
    "PTA": """
CWE Policy Type | CWE Amount Class | NM Money or Percentage Quantity | MOP Money or Percentage
""",
    "RI": """
CWE Repeat Pattern | ST Explicit Time Interval
""",
    "RMC": """
CWE Room Type | CWE Amount Type | NM Coverage Amount | MOP Money or Percentage
""",
    "RP": """
ST Pointer | HD Application ID | ID Type of Data | ID Subtype
""",
    "RPT": """
CWE Repeat Pattern Code | ID Calendar Alignment | NM Phase Range Begin Value | NM Phase Range End Value | NM Period
Quantity | CWE Period Units | ID Institution Specified Time | ID Event | NM Event Offset Quantity | CWE Event Offset
Units | GTS General Timing Specification
""",
    "SAD": """
ST Street or Mailing Address | ST Street Name | ST Dwelling Number
""",
    "SN": """
ST Comparator | NM Num1 | ST Separator/Suffix | NM Num2
""",
    "SPS": """
CWE Specimen Source Name or Code | CWE Additives | TX Specimen Collection Method | CWE Body Site | CWE Site Modifier
| CWE Collection Method Modifier Code | CWE Specimen Role
""",
    "SRT": """
ST Sort-by Field | ID Sequencing
""",
    "TQ": """
CQ Quantity | RI Interval | ST Duration | DTM Start Date/Time | DTM End Date/Time | ST Priority | ST Condition | TX
Text | ID Conjunction | OSD Order Sequencing | CWE Occurrence Duration | NM Total Occurrences
""",
    "VID": """
ID Version ID | CWE Internationalization Code | CWE International Version ID
""",
    "VR": """
ST First Data Code Value | ST Last Data Code Value
""",
    "XAD": """
SAD Street Address | ST Other Designation | ST City | ST State or Province | ST Zip or Postal Code | ID Country | ID
Address Type | ST Other Geographic Designation | CWE County/Parish Code | CWE Census Tract | ID Address
Representation Code | DR Address Validity Range | DTM Effective Date | DTM Expiration Date | CWE Expiration Reason |
ID Temporary Indicator | ID Bad Address Indicator | ID Address Usage | ST Addressee | ST Comment | NM Preference
Order | CWE Protection Code | EI Address Identifier
""",
    "XCN": """
ST Person Identifier | FN Family Name | ST Given Name | ST Second and Further Given Names or Initials Thereof | ST
Suffix (e.g., JR or III) | ST Prefix (e.g., DR) | IS Degree (e.g., MD) | CWE Source Table | HD Assigning Authority |
ID Name Type Code | ST Identifier Check Digit | ID Check Digit Scheme | ID Identifier Type Code | HD Assigning
Facility | ID Name Representation Code | CWE Name Context | DR Name Validity Range | ID Name Assembly Order | DTM
Effective Date | DTM Expiration Date | ST Professional Suffix | CWE Assigning Jurisdiction | CWE Assigning Agency or
Department | ST Security Check | ID Security Check Scheme
""",
    "XON": """
ST Organization Name | CWE Organization Name Type Code | NM ID Number | NM Identifier Check Digit | ID Check Digit
Scheme | HD Assigning Authority | ID Identifier Type Code | HD Assigning Facility | ID Name Representation Code | ST
Organization Identifier
""",
    "XPN": """
FN Family Name | ST Given Name | ST Second and Further Given Names or Initials Thereof | ST Suffix (e.g., JR or III)
| ST Prefix (e.g., DR) | IS Degree (e.g., MD) | ID Name Type Code | ID Name Representation Code | CWE Name Context |
DR Name Validity Range | ID Name Assembly Order | DTM Effective Date | DTM Expiration Date | ST Professional Suffix
| ST Called By
""",
    "XTN": """
ST Telephone Number | ID Telecommunication Use Code | ID Telecommunication Equipment Type | ST Communication Address
| ST Country Code | ST Area/City Code | ST Local Number | ST Extension | ST Any Text | ST Extension Prefix | ST
Speed Dial Code | ST Unformatted Telephone number | DTM Effective Start Date | DTM Expiration Date | CWE Expiration
Reason | CWE Protection Code | EI Shared Telecommunication Identifier | NM Preference Order
""",
}
