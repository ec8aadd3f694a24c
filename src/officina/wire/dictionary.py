"""Names of segments and fields, HL7 v2.1 to 2.8: the newest name, and those that only older versions have.

Pure data for `officina.wire.names`, which reads it. A segment's text is its fields in order, each ``TYPE Name``,
parted by ``|``. The type is the newest one with components, because older senders still send those.
"""

from __future__ import annotations

from typing import Final

SEGMENTS: Final[dict[str, str]] = {
    "MSH": """
ST Field Separator | ST Encoding Characters | HD Sending Application | HD Sending Facility | HD Receiving
Application | HD Receiving Facility | DTM Date/Time of Message | ST Security | MSG Message Type | ST Message Control
ID | PT Processing ID | VID Version ID | NM Sequence Number | ST Continuation Pointer | ID Accept Acknowledgment
Type | ID Application Acknowledgment Type | ID Country Code | ID Character Set | CWE Principal Language Of Message |
ID Alternate Character Set Handling Scheme | EI Message Profile Identifier | XON Sending Responsible Organization |
XON Receiving Responsible Organization | HD Sending Network Address | HD Receiving Network Address
""",
    "EVN": """
ID Event Type Code | DTM Recorded Date/Time | DTM Date/Time Planned Event | CWE Event Reason Code | XCN Operator ID
| DTM Event Occurred | HD Event Facility
""",
    "PID": """
SI Set ID | CX Patient ID | CX Patient Identifier List | CX Alternate Patient ID | XPN Patient Name | XPN Mother's
Maiden Name | DTM Date/Time of Birth | CWE Administrative Sex | XPN Patient Alias | CWE Race | XAD Patient Address |
IS County Code | XTN Phone Number - Home | XTN Phone Number - Business | CWE Primary Language | CWE Marital Status |
CWE Religion | CX Patient Account Number | ST SSN Number - Patient | DLN Driver's License Number - Patient | CX
Mother's Identifier | CWE Ethnic Group | ST Birth Place | ID Multiple Birth Indicator | NM Birth Order | CWE
Citizenship | CWE Veterans Military Status | CWE Nationality | DTM Patient Death Date and Time | ID Patient Death
Indicator | ID Identity Unknown Indicator | CWE Identity Reliability Code | DTM Last Update Date/Time | HD Last
Update Facility | CWE Species Code | CWE Breed Code | ST Strain | CWE Production Class Code | CWE Tribal Citizenship
| XTN Patient Telecommunication Information
""",
    "PD1": """
CWE Living Dependency | CWE Living Arrangement | XON Patient Primary Facility | XCN Patient Primary Care Provider
Name & ID No. | CWE Student Indicator | CWE Handicap | CWE Living Will Code | CWE Organ Donor Code | ID Separate
Bill | CX Duplicate Patient | CWE Publicity Code | ID Protection Indicator | DT Protection Indicator Effective Date
| XON Place of Worship | CWE Advance Directive Code | CWE Immunization Registry Status | DT Immunization Registry
Status Effective Date | DT Publicity Code Effective Date | CWE Military Branch | CWE Military Rank/Grade | CWE
Military Status | DT Advance Directive Last Verified Date
""",
    "NK1": """
SI Set ID | XPN Name | CWE Relationship | XAD Address | XTN Phone Number | XTN Business Phone Number | CWE Contact
Role | DT Start Date | DT End Date | ST Next of Kin / Associated Parties Job Title | JCC Next of Kin / Associated
Parties Job Code/Class | CX Next of Kin / Associated Parties Employee Number | XON Organization Name | CWE Marital
Status | CWE Administrative Sex | DTM Date/Time of Birth | CWE Living Dependency | CWE Ambulatory Status | CWE
Citizenship | CWE Primary Language | CWE Living Arrangement | CWE Publicity Code | ID Protection Indicator | CWE
Student Indicator | CWE Religion | XPN Mother's Maiden Name | CWE Nationality | CWE Ethnic Group | CWE Contact
Reason | XPN Contact Person's Name | XTN Contact Person's Telephone Number | XAD Contact Person's Address | CX Next
of Kin/Associated Party's Identifiers | CWE Job Status | CWE Race | CWE Handicap | ST Contact Person Social Security
Number | ST Next of Kin Birth Place | CWE VIP Indicator | XTN Next of Kin Telecommunication Information | XTN
Contact Person's Telecommunication Information
""",
    "PV1": """
SI Set ID | CWE Patient Class | PL Assigned Patient Location | CWE Admission Type | CX Preadmit Number | PL Prior
Patient Location | XCN Attending Doctor | XCN Referring Doctor | XCN Consulting Doctor | CWE Hospital Service | PL
Temporary Location | CWE Preadmit Test Indicator | CWE Re-admission Indicator | CWE Admit Source | CWE Ambulatory
Status | CWE VIP Indicator | XCN Admitting Doctor | CWE Patient Type | CX Visit Number | FC Financial Class | CWE
Charge Price Indicator | CWE Courtesy Code | CWE Credit Rating | CWE Contract Code | DT Contract Effective Date | NM
Contract Amount | NM Contract Period | CWE Interest Code | CWE Transfer to Bad Debt Code | DT Transfer to Bad Debt
Date | CWE Bad Debt Agency Code | NM Bad Debt Transfer Amount | NM Bad Debt Recovery Amount | CWE Delete Account
Indicator | DT Delete Account Date | CWE Discharge Disposition | DLD Discharged to Location | CWE Diet Type | CWE
Servicing Facility | IS Bed Status | CWE Account Status | PL Pending Location | PL Prior Temporary Location | DTM
Admit Date/Time | DTM Discharge Date/Time | NM Current Patient Balance | NM Total Charges | NM Total Adjustments |
NM Total Payments | CX Alternate Visit ID | CWE Visit Indicator | XCN Other Healthcare Provider | ST Service Episode
Description | CX Service Episode Identifier
""",
    "PV2": """
PL Prior Pending Location | CWE Accommodation Code | CWE Admit Reason | CWE Transfer Reason | ST Patient Valuables |
ST Patient Valuables Location | CWE Visit User Code | DTM Expected Admit Date/Time | DTM Expected Discharge
Date/Time | NM Estimated Length of Inpatient Stay | NM Actual Length of Inpatient Stay | ST Visit Description | XCN
Referral Source Code | DT Previous Service Date | ID Employment Illness Related Indicator | CWE Purge Status Code |
DT Purge Status Date | CWE Special Program Code | ID Retention Indicator | NM Expected Number of Insurance Plans |
CWE Visit Publicity Code | ID Visit Protection Indicator | XON Clinic Organization Name | CWE Patient Status Code |
CWE Visit Priority Code | DT Previous Treatment Date | CWE Expected Discharge Disposition | DT Signature on File
Date | DT First Similar Illness Date | CWE Patient Charge Adjustment Code | CWE Recurring Service Code | ID Billing
Media Code | DTM Expected Surgery Date and Time | ID Military Partnership Code | ID Military Non-Availability Code |
ID Newborn Baby Indicator | ID Baby Detained Indicator | CWE Mode of Arrival Code | CWE Recreational Drug Use Code |
CWE Admission Level of Care Code | CWE Precaution Code | CWE Patient Condition Code | CWE Living Will Code | CWE
Organ Donor Code | CWE Advance Directive Code | DT Patient Status Effective Date | DTM Expected LOA Return Date/Time
| DTM Expected Pre-admission Testing Date/Time | CWE Notify Clergy Code | DT Advance Directive Last Verified Date
""",
    "AL1": """
SI Set ID | CWE Allergen Type Code | CWE Allergen Code/Mnemonic/Description | CWE Allergy Severity Code | ST Allergy
Reaction Code | DT Identification Date
""",
    "IAM": """
SI Set ID | CWE Allergen Type Code | CWE Allergen Code/Mnemonic/Description | CWE Allergy Severity Code | ST Allergy
Reaction Code | CNE Allergy Action Code | EI Allergy Unique Identifier | ST Action Reason | CWE Sensitivity to
Causative Agent Code | CWE Allergen Group Code/Mnemonic/Description | DT Onset Date | ST Onset Date Text | DTM
Reported Date/Time | XPN Reported By | CWE Relationship to Patient Code | CWE Alert Device Code | CWE Allergy
Clinical Status Code | XCN Statused by Person | XON Statused by Organization | DTM Statused at Date/Time | XCN
Inactivated by Person | DTM Inactivated Date/Time | XCN Initially Recorded by Person | DTM Initially Recorded
Date/Time | XCN Modified by Person | DTM Modified Date/Time | CWE Clinician Identified Code | XON Initially Recorded
by Organization | XON Modified by Organization | XON Inactivated by Organization
""",
    "DG1": """
SI Set ID | ID Diagnosis Coding Method | CWE Diagnosis Code | ST Diagnosis Description | DTM Diagnosis Date/Time |
CWE Diagnosis Type | CWE Major Diagnostic Category | CWE Diagnostic Related Group | ID DRG Approval Indicator | IS
DRG Grouper Review Code | CWE Outlier Type | NM Outlier Days | CP Outlier Cost | ST Grouper Version And Type | NM
Diagnosis Priority | XCN Diagnosing Clinician | CWE Diagnosis Classification | ID Confidential Indicator | DTM
Attestation Date/Time | EI Diagnosis Identifier | ID Diagnosis Action Code | EI Parent Diagnosis | CWE DRG CCL Value
Code | ID DRG Grouping Usage | CWE DRG Diagnosis Determination Status | CWE Present On Admission (POA) Indicator
""",
    "PR1": """
SI Set ID | IS Procedure Coding Method | CNE Procedure Code | ST Procedure Description | DTM Procedure Date/Time |
CWE Procedure Functional Type | NM Procedure Minutes | XCN Anesthesiologist | CWE Anesthesia Code | NM Anesthesia
Minutes | XCN Surgeon | XCN Procedure Practitioner | CWE Consent Code | NM Procedure Priority | CWE Associated
Diagnosis Code | CNE Procedure Code Modifier | CWE Procedure DRG Type | CWE Tissue Type Code | EI Procedure
Identifier | ID Procedure Action Code | CWE DRG Procedure Determination Status | CWE DRG Procedure Relevance | PL
Treating Organizational Unit | ID Respiratory Within Surgery | EI Parent Procedure ID
""",
    "ACC": """
DTM Accident Date/Time | CWE Accident Code | ST Accident Location | CWE Auto Accident State | ID Accident Job
Related Indicator | ID Accident Death Indicator | XCN Entered By | ST Accident Description | ST Brought In By | ID
Police Notified Indicator | XAD Accident Address | NM Degree of patient liability | EI Accident Identifier
""",
    "IN1": """
SI Set ID | CWE Health Plan ID | CX Insurance Company ID | XON Insurance Company Name | XAD Insurance Company
Address | XPN Insurance Co Contact Person | XTN Insurance Co Phone Number | ST Group Number | XON Group Name | CX
Insured's Group Emp ID | XON Insured's Group Emp Name | DT Plan Effective Date | DT Plan Expiration Date | AUI
Authorization Information | CWE Plan Type | XPN Name Of Insured | CWE Insured's Relationship To Patient | DTM
Insured's Date Of Birth | XAD Insured's Address | CWE Assignment Of Benefits | CWE Coordination Of Benefits | ST
Coord Of Ben. Priority | ID Notice Of Admission Flag | DT Notice Of Admission Date | ID Report Of Eligibility Flag |
DT Report Of Eligibility Date | CWE Release Information Code | ST Pre-Admit Cert (PAC) | DTM Verification Date/Time
| XCN Verification By | CWE Type Of Agreement Code | CWE Billing Status | NM Lifetime Reserve Days | NM Delay Before
L.R. Day | CWE Company Plan Code | ST Policy Number | CP Policy Deductible | CP Policy Limit - Amount | NM Policy
Limit - Days | CP Room Rate - Semi-Private | CP Room Rate - Private | CWE Insured's Employment Status | CWE
Insured's Administrative Sex | XAD Insured's Employer's Address | ST Verification Status | CWE Prior Insurance Plan
ID | CWE Coverage Type | CWE Handicap | CX Insured's ID Number | CWE Signature Code | DT Signature Code Date | ST
Insured's Birth Place | CWE VIP Indicator | CX External Health Plan Identifiers | ID Insurance Action Code
""",
    "IN2": """
CX Insured's Employee ID | ST Insured's Social Security Number | XCN Insured's Employer's Name and ID | CWE Employer
Information Data | CWE Mail Claim Party | ST Medicare Health Ins Card Number | XPN Medicaid Case Name | ST Medicaid
Case Number | XPN Military Sponsor Name | ST Military ID Number | CWE Dependent Of Military Recipient | ST Military
Organization | ST Military Station | CWE Military Service | CWE Military Rank/Grade | CWE Military Status | DT
Military Retire Date | ID Military Non-Avail Cert On File | ID Baby Coverage | ID Combine Baby Bill | ST Blood
Deductible | XPN Special Coverage Approval Name | ST Special Coverage Approval Title | CWE Non-Covered Insurance
Code | CX Payor ID | CX Payor Subscriber ID | CWE Eligibility Source | RMC Room Coverage Type/Amount | PTA Policy
Type/Amount | DDI Daily Deductible | CWE Living Dependency | CWE Ambulatory Status | CWE Citizenship | CWE Primary
Language | CWE Living Arrangement | CWE Publicity Code | ID Protection Indicator | CWE Student Indicator | CWE
Religion | XPN Mother's Maiden Name | CWE Nationality | CWE Ethnic Group | CWE Marital Status | DT Insured's
Employment Start Date | DT Employment Stop Date | ST Job Title | JCC Job Code/Class | CWE Job Status | XPN Employer
Contact Person Name | XTN Employer Contact Person Phone Number | CWE Employer Contact Reason | XPN Insured's Contact
Person's Name | XTN Insured's Contact Person Phone Number | CWE Insured's Contact Person Reason | DT Relationship to
the Patient Start Date | DT Relationship to the Patient Stop Date | CWE Insurance Co Contact Reason | XTN Insurance
Co Contact Phone Number | CWE Policy Scope | CWE Policy Source | CX Patient Member Number | CWE Guarantor's
Relationship to Insured | XTN Insured's Phone Number - Home | XTN Insured's Employer Phone Number | CWE Military
Handicapped Program | ID Suspend Flag | ID Copay Limit Flag | ID Stoploss Limit Flag | XON Insured Organization Name
and ID | XON Insured Employer Organization Name and ID | CWE Race | CWE Patient's Relationship to Insured
""",
    "GT1": """
SI Set ID | CX Guarantor Number | XPN Guarantor Name | XPN Guarantor Spouse Name | XAD Guarantor Address | XTN
Guarantor Ph Num - Home | XTN Guarantor Ph Num - Business | DTM Guarantor Date/Time Of Birth | CWE Guarantor
Administrative Sex | CWE Guarantor Type | CWE Guarantor Relationship | ST Guarantor SSN | DT Guarantor Date - Begin
| DT Guarantor Date - End | NM Guarantor Priority | XPN Guarantor Employer Name | XAD Guarantor Employer Address |
XTN Guarantor Employer Phone Number | CX Guarantor Employee ID Number | CWE Guarantor Employment Status | XON
Guarantor Organization Name | ID Guarantor Billing Hold Flag | CWE Guarantor Credit Rating Code | DTM Guarantor
Death Date And Time | ID Guarantor Death Flag | CWE Guarantor Charge Adjustment Code | CP Guarantor Household Annual
Income | NM Guarantor Household Size | CX Guarantor Employer ID Number | CWE Guarantor Marital Status Code | DT
Guarantor Hire Effective Date | DT Employment Stop Date | CWE Living Dependency | CWE Ambulatory Status | CWE
Citizenship | CWE Primary Language | CWE Living Arrangement | CWE Publicity Code | ID Protection Indicator | CWE
Student Indicator | CWE Religion | XPN Mother's Maiden Name | CWE Nationality | CWE Ethnic Group | XPN Contact
Person's Name | XTN Contact Person's Telephone Number | CWE Contact Reason | CWE Contact Relationship | ST Job Title
| JCC Job Code/Class | XON Guarantor Employer's Organization Name | CWE Handicap | CWE Job Status | FC Guarantor
Financial Class | CWE Guarantor Race | ST Guarantor Birth Place | CWE VIP Indicator
""",
    "MRG": """
CX Prior Patient Identifier List | CX Prior Alternate Patient ID | CX Prior Patient Account Number | CX Prior
Patient ID | CX Prior Visit Number | CX Prior Alternate Visit ID | XPN Prior Patient Name
""",
    "ROL": """
EI Role Instance ID | ID Action Code | CWE Role | XCN Role Person | DTM Role Begin Date/Time | DTM Role End
Date/Time | CWE Role Duration | CWE Role Action Reason | CWE Provider Type | CWE Organization Unit Type | XAD
Office/Home Address/Birthplace | XTN Phone | PL Person's Location | XON Organization
""",
    "PRT": """
EI Participation Instance ID | ID Action Code | CWE Action Reason | CWE Participation | XCN Participation Person |
CWE Participation Person Provider Type | CWE Participant Organization Unit Type | XON Participation Organization |
PL Participant Location | EI Participation Device | DTM Participation Begin Date/Time (arrival time) | DTM
Participation End Date/Time (departure time) | CWE Participation Qualitative Duration | XAD Participation Address |
XTN Participant Telecommunication Address | EI Participant Device Identifier | DTM Participant Device Manufacture
Date | DTM Participant Device Expiry Date | ST Participant Device Lot Number | ST Participant Device Serial Number |
EI Participant Device Donation Identification | CNE Participation Device Type
""",
    "ARV": """
SI Set ID | CNE Access Restriction Action Code | CWE Access Restriction Value | CWE Access Restriction Reason | ST
Special Access Restriction Instructions | DR Access Restriction Date Range
""",
    "CTD": """
CWE Contact Role | XPN Contact Name | XAD Contact Address | PL Contact Location | XTN Contact Communication
Information | CWE Preferred Method of Contact | PLN Contact Identifiers
""",
    "ORC": """
ID Order Control | EI Placer Order Number | EI Filler Order Number | EI Placer Group Number | ID Order Status | ID
Response Flag | TQ Quantity/Timing | EIP Parent Order | DTM Date/Time of Transaction | XCN Entered By | XCN Verified
By | XCN Ordering Provider | PL Enterer's Location | XTN Call Back Phone Number | DTM Order Effective Date/Time |
CWE Order Control Code Reason | CWE Entering Organization | CWE Entering Device | XCN Action By | CWE Advanced
Beneficiary Notice Code | XON Ordering Facility Name | XAD Ordering Facility Address | XTN Ordering Facility Phone
Number | XAD Ordering Provider Address | CWE Order Status Modifier | CWE Advanced Beneficiary Notice Override Reason
| DTM Filler's Expected Availability Date/Time | CWE Confidentiality Code | CWE Order Type | CNE Enterer
Authorization Mode | CWE Parent Universal Service Identifier | DT Advanced Beneficiary Notice Date | CX Alternate
Placer Order Number | CWE Order Workflow Profile
""",
    "RXO": """
CWE Requested Give Code | NM Requested Give Amount - Minimum | NM Requested Give Amount - Maximum | CWE Requested
Give Units | CWE Requested Dosage Form | CWE Provider's Pharmacy/Treatment Instructions | CWE Provider's
Administration Instructions | LA1 Deliver-To Location | ID Allow Substitutions | CWE Requested Dispense Code | NM
Requested Dispense Amount | CWE Requested Dispense Units | NM Number Of Refills | XCN Ordering Provider's DEA Number
| XCN Pharmacist/Treatment Supplier's Verifier ID | ID Needs Human Review | ST Requested Give Per (Time Unit) | NM
Requested Give Strength | CWE Requested Give Strength Units | CWE Indication | ST Requested Give Rate Amount | CWE
Requested Give Rate Units | CQ Total Daily Dose | CWE Supplementary Code | NM Requested Drug Strength Volume | CWE
Requested Drug Strength Volume Units | ID Pharmacy Order Type | NM Dispensing Interval | EI Medication Instance
Identifier | EI Segment Instance Identifier | CNE Mood Code | CWE Dispensing Pharmacy | XAD Dispensing Pharmacy
Address | PL Deliver-to Patient Location | XAD Deliver-to Address | XTN Pharmacy Phone Number
""",
    "RXE": """
TQ Quantity/Timing | CWE Give Code | NM Give Amount - Minimum | NM Give Amount - Maximum | CWE Give Units | CWE Give
Dosage Form | CWE Provider's Administration Instructions | LA1 Deliver-to Location | ID Substitution Status | NM
Dispense Amount | CWE Dispense Units | NM Number of Refills | XCN Ordering Provider's DEA Number | XCN
Pharmacist/Treatment Supplier's Verifier ID | ST Prescription Number | NM Number of Refills Remaining | NM Number of
Refills/Doses Dispensed | DTM D/T of Most Recent Refill or Dose Dispensed | CQ Total Daily Dose | ID Needs Human
Review | CWE Pharmacy/Treatment Supplier's Special Dispensing Instructions | ST Give Per (Time Unit) | ST Give Rate
Amount | CWE Give Rate Units | NM Give Strength | CWE Give Strength Units | CWE Give Indication | NM Dispense
Package Size | CWE Dispense Package Size Unit | ID Dispense Package Method | CWE Supplementary Code | DTM Original
Order Date/Time | NM Give Drug Strength Volume | CWE Give Drug Strength Volume Units | CWE Controlled Substance
Schedule | ID Formulary Status | CWE Pharmaceutical Substance Alternative | CWE Pharmacy of Most Recent Fill | NM
Initial Dispense Amount | CWE Dispensing Pharmacy | XAD Dispensing Pharmacy Address | PL Deliver-to Patient Location
| XAD Deliver-to Address | ID Pharmacy Order Type | XTN Pharmacy Phone Number
""",
    "RXD": """
NM Dispense Sub-ID Counter | CWE Dispense/Give Code | DTM Date/Time Dispensed | NM Actual Dispense Amount | CWE
Actual Dispense Units | CWE Actual Dosage Form | ST Prescription Number | NM Number of Refills Remaining | ST
Dispense Notes | XCN Dispensing Provider | ID Substitution Status | CQ Total Daily Dose | LA2 Dispense-to Location |
ID Needs Human Review | CWE Pharmacy/Treatment Supplier's Special Dispensing Instructions | NM Actual Strength | CWE
Actual Strength Unit | ST Substance Lot Number | DTM Substance Expiration Date | CWE Substance Manufacturer Name |
CWE Indication | NM Dispense Package Size | CWE Dispense Package Size Unit | ID Dispense Package Method | CWE
Supplementary Code | CWE Initiating Location | CWE Packaging/Assembly Location | NM Actual Drug Strength Volume |
CWE Actual Drug Strength Volume Units | CWE Dispense to Pharmacy | XAD Dispense to Pharmacy Address | ID Pharmacy
Order Type | CWE Dispense Type | XTN Pharmacy Phone Number | EI Dispense Tag Identifier
""",
    "RXR": """
CWE Route | CWE Administration Site | CWE Administration Device | CWE Administration Method | CWE Routing
Instruction | CWE Administration Site Modifier
""",
    "RXC": """
ID RX Component Type | CWE Component Code | NM Component Amount | CWE Component Units | NM Component Strength | CWE
Component Strength Units | CWE Supplementary Code | NM Component Drug Strength Volume | CWE Component Drug Strength
Volume Units | NM Dispense Amount | CWE Dispense Units
""",
    "RXA": """
NM Give Sub-ID Counter | NM Administration Sub-ID Counter | DTM Date/Time Start of Administration | DTM Date/Time
End of Administration | CWE Administered Code | NM Administered Amount | CWE Administered Units | CWE Administered
Dosage Form | CWE Administration Notes | XCN Administering Provider | LA2 Administered-at Location | ST Administered
Per (Time Unit) | NM Administered Strength | CWE Administered Strength Units | ST Substance Lot Number | DTM
Substance Expiration Date | CWE Substance Manufacturer Name | CWE Substance/Treatment Refusal Reason | CWE
Indication | ID Completion Status | ID Action Code | DTM System Entry Date/Time | NM Administered Drug Strength
Volume | CWE Administered Drug Strength Volume Units | CWE Administered Barcode Identifier | ID Pharmacy Order Type
| PL Administer-at | XAD Administered-at Address | EI Administered Tag Identifier
""",
    "RXG": """
NM Give Sub-ID Counter | NM Dispense Sub-ID Counter | TQ Quantity/Timing | CWE Give Code | NM Give Amount - Minimum
| NM Give Amount - Maximum | CWE Give Units | CWE Give Dosage Form | CWE Administration Notes | ID Substitution
Status | LA2 Dispense-To Location | ID Needs Human Review | CWE Pharmacy/Treatment Supplier's Special Administration
Instructions | ST Give Per (Time Unit) | ST Give Rate Amount | CWE Give Rate Units | NM Give Strength | CWE Give
Strength Units | ST Substance Lot Number | DTM Substance Expiration Date | CWE Substance Manufacturer Name | CWE
Indication | NM Give Drug Strength Volume | CWE Give Drug Strength Volume Units | CWE Give Barcode Identifier | ID
Pharmacy Order Type | CWE Dispense to Pharmacy | XAD Dispense to Pharmacy Address | PL Deliver-to Patient Location |
XAD Deliver-to Address | EI Give Tag Identifier | NM Dispense Amount | CWE Dispense Units
""",
    "RXV": """
SI Set ID | ID Bolus Type | NM Bolus Dose Amount | CWE Bolus Dose Amount Units | NM Bolus Dose Volume | CWE Bolus
Dose Volume Units | ID Pca Type | NM Pca Dose Amount | CWE Pca Dose Amount Units | NM Pca Dose Amount Volume | CWE
Pca Dose Amount Volume Units | NM Max Dose Amount | CWE Max Dose Amount Units | NM Max Dose Amount Volume | CWE Max
Dose Amount Volume Units | CQ Max Dose per Time | CQ Lockout Interval | CWE Syringe Manufacturer | CWE Syringe Model
Number | NM Syringe Size | CWE Syringe Size Units | ID Action Code
""",
    "TQ1": """
SI Set ID | CQ Quantity | RPT Repeat Pattern | TM Explicit Time | CQ Relative Time and Units | CQ Service Duration |
DTM Start date/time | DTM End date/time | CWE Priority | TX Condition text | TX Text instruction | ID Conjunction |
CQ Occurrence duration | NM Total occurrences
""",
    "TQ2": """
SI Set ID | ID Sequence/Results Flag | EI Related Placer Number | EI Related Filler Number | EI Related Placer Group
Number | ID Sequence Condition Code | ID Cyclic Entry/Exit Indicator | CQ Sequence Condition Time Interval | NM
Cyclic Group Maximum Number of Repeats | ID Special Service Request Relationship
""",
    "BLG": """
CCD When to Charge | ID Charge Type | CX Account ID | CWE Charge Type Reason
""",
    "NTE": """
SI Set ID | ID Source of Comment | FT Comment | CWE Comment Type | XCN Entered By | DTM Entered Date/Time | DTM
Effective Start Date | DTM Expiration Date
""",
    "OBR": """
SI Set ID | EI Placer Order Number | EI Filler Order Number | CWE Universal Service Identifier | ID Priority | DTM
Requested Date/Time | DTM Observation Date/Time | DTM Observation End Date/Time | CQ Collection Volume | XCN
Collector Identifier | ID Specimen Action Code | CWE Danger Code | CWE Relevant Clinical Information | DTM Specimen
Received Date/Time | SPS Specimen Source | XCN Ordering Provider | XTN Order Callback Phone Number | ST Placer Field
1 | ST Placer Field 2 | ST Filler Field 1 | ST Filler Field 2 | DTM Results Rpt/Status Chng - Date/Time | MOC Charge
to Practice | ID Diagnostic Serv Sect ID | ID Result Status | PRL Parent Result | TQ Quantity/Timing | XCN Result
Copies To | EIP Parent Result Observation Identifier | ID Transportation Mode | CWE Reason for Study | NDL Principal
Result Interpreter | NDL Assistant Result Interpreter | NDL Technician | NDL Transcriptionist | DTM Scheduled
Date/Time | NM Number of Sample Containers | CWE Transport Logistics of Collected Sample | CWE Collector's Comment |
CWE Transport Arrangement Responsibility | ID Transport Arranged | ID Escort Required | CWE Planned Patient
Transport Comment | CNE Procedure Code | CNE Procedure Code Modifier | CWE Placer Supplemental Service Information |
CWE Filler Supplemental Service Information | CWE Medically Necessary Duplicate Procedure Reason | CWE Result
Handling | CWE Parent Universal Service Identifier | EI Observation Group ID | EI Parent Observation Group ID | CX
Alternate Placer Order Number | EIP Parent Order
""",
    "OBX": """
SI Set ID | ID Value Type | CWE Observation Identifier | ST Observation Sub-ID | ST Observation Value | CWE Units |
ST References Range | CWE Interpretation Codes | NM Probability | ID Nature of Abnormal Test | ID Observation Result
Status | DTM Effective Date of Reference Range | ST User Defined Access Checks | DTM Date/Time of the Observation |
CWE Producer's ID | XCN Responsible Observer | CWE Observation Method | EI Equipment Instance Identifier | DTM
Date/Time of the Analysis | CWE Observation Site | EI Observation Instance Identifier | CNE Mood Code | XON
Performing Organization Name | XAD Performing Organization Address | XCN Performing Organization Medical Director |
ID Patient Results Release Category | CWE Root Cause | CWE Local Process Control | ID Observation Type | ID
Observation Sub Type
""",
    "SPM": """
SI Set ID | EIP Specimen ID | EIP Specimen Parent IDs | CWE Specimen Type | CWE Specimen Type Modifier | CWE
Specimen Additives | CWE Specimen Collection Method | CWE Specimen Source Site | CWE Specimen Source Site Modifier |
CWE Specimen Collection Site | CWE Specimen Role | CQ Specimen Collection Amount | NM Grouped Specimen Count | ST
Specimen Description | CWE Specimen Handling Code | CWE Specimen Risk Code | DR Specimen Collection Date/Time | DTM
Specimen Received Date/Time | DTM Specimen Expiration Date/Time | ID Specimen Availability | CWE Specimen Reject
Reason | CWE Specimen Quality | CWE Specimen Appropriateness | CWE Specimen Condition | CQ Specimen Current Quantity
| NM Number of Specimen Containers | CWE Container Type | CWE Container Condition | CWE Specimen Child Role | CX
Accession ID | CX Other Specimen ID | EI Shipment ID
""",
    "FT1": """
SI Set ID | ST Transaction ID | ST Transaction Batch ID | DR Transaction Date | DTM Transaction Posting Date | CWE
Transaction Type | CWE Transaction Code | ST Transaction Description | ST Transaction Description Alt | NM
Transaction Quantity | CP Transaction Amount Extended | CP Transaction Amount Unit | CWE Department Code | CWE
Health Plan ID | CP Insurance Amount | PL Assigned Patient Location | CWE Fee Schedule | CWE Patient Type | CWE
Diagnosis Code | XCN Performed By Code | XCN Ordered By Code | CP Unit Cost | EI Filler Order Number | XCN Entered
By Code | CNE Procedure Code | CNE Procedure Code Modifier | CWE Advanced Beneficiary Notice Code | CWE Medically
Necessary Duplicate Procedure Reason | CWE NDC Code | CX Payment Reference ID | SI Transaction Reference Key | XON
Performing Facility | XON Ordering Facility | CWE Item Number | ST Model Number | CWE Special Processing Code | CWE
Clinic Code | CX Referral Number | CX Authorization Number | CWE Service Provider Taxonomy Code | CWE Revenue Code |
ST Prescription Number | CQ NDC Qty and UOM
""",
    "TXA": """
SI Set ID | CWE Document Type | ID Document Content Presentation | DTM Activity Date/Time | XCN Primary Activity
Provider Code/Name | DTM Origination Date/Time | DTM Transcription Date/Time | DTM Edit Date/Time | XCN Originator
Code/Name | XCN Assigned Document Authenticator | XCN Transcriptionist Code/Name | EI Unique Document Number | EI
Parent Document Number | EI Placer Order Number | EI Filler Order Number | ST Unique Document File Name | ID
Document Completion Status | ID Document Confidentiality Status | ID Document Availability Status | ID Document
Storage Status | ST Document Change Reason | PPN Authentication Person, Time Stamp (set) | XCN Distributed Copies
(Code and Name of Recipient(s) ) | CWE Folder Assignment | ST Document Title | DTM Agreed Due Date/Time
""",
    "MSA": """
ID Acknowledgment Code | ST Message Control ID | ST Text Message | NM Expected Sequence Number | ID Delayed
Acknowledgment Type | CE Error Condition | NM Message Waiting Number | ID Message Waiting Priority
""",
    "ERR": """
ELD Error Code and Location | ERL Error Location | CWE HL7 Error Code | ID Severity | CWE Application Error Code |
ST Application Error Parameter | TX Diagnostic Information | TX User Message | CWE Inform Person Indicator | CWE
Override Type | CWE Override Reason Code | XTN Help Desk Contact Point
""",
    "SFT": """
XON Software Vendor Organization | ST Software Certified Version or Release Number | ST Software Product Name | ST
Software Binary ID | TX Software Product Information | DTM Software Install Date
""",
    "UAC": """
CWE User Authentication Credential Type Code | ED User Authentication Credential
""",
    "DSC": """
ST Continuation Pointer | ID Continuation Style
""",
    "QRD": """
DTM Query Date/Time | ID Query Format Code | ID Query Priority | ST Query ID | ID Deferred Response Type | DTM
Deferred Response Date/Time | CQ Quantity Limited Request | XCN Who Subject Filter | CWE What Subject Filter | CWE
What Department Data Code | VR What Data Code Value Qual. | ID Query Results Level
""",
    "QRF": """
ST Where Subject Filter | DTM When Data Start Date/Time | DTM When Data End Date/Time | ST What User Qualifier | ST
Other QRY Subject Filter | ID Which Date/Time Qualifier | ID Which Date/Time Status Qualifier | ID Date/Time
Selection Qualifier | TQ When Quantity/Timing Qualifier | NM Search Confidence Threshold
""",
    "QPD": """
CWE Message Query Name | ST Query Tag | ST User Parameters (in successive fields)
""",
    "RCP": """
ID Query Priority | CQ Quantity Limited Request | CNE Response Modality | DTM Execution and Delivery Time | ID
Modify Indicator | SRT Sort-by Field | ID Segment group inclusion
""",
    "QAK": """
ST Query Tag | ID Query Response Status | CWE Message Query Name | NM Hit Count Total | NM This payload | NM Hits
remaining
""",
    "FHS": """
ST File Field Separator | ST File Encoding Characters | HD File Sending Application | HD File Sending Facility | HD
File Receiving Application | HD File Receiving Facility | DTM File Creation Date/Time | ST File Security | ST File
Name/ID | ST File Header Comment | ST File Control ID | ST Reference File Control ID | HD File Sending Network
Address | HD File Receiving Network Address
""",
    "FTS": """
NM File Batch Count | ST File Trailer Comment
""",
    "BHS": """
ST Batch Field Separator | ST Batch Encoding Characters | HD Batch Sending Application | HD Batch Sending Facility |
HD Batch Receiving Application | HD Batch Receiving Facility | DTM Batch Creation Date/Time | ST Batch Security | ST
Batch Name/ID/Type | ST Batch Comment | ST Batch Control ID | ST Reference Batch Control ID | HD Batch Sending
Network Address | HD Batch Receiving Network Address
""",
    "BTS": """
ST Batch Message Count | ST Batch Comment | NM Batch Totals
""",
}

TITLES: Final = """
ABS Abstract | ACC Accident | ADD Addendum | ADJ Adjustment | AFF Professional Affiliation | AIG Appointment
Information - General Resource | AIL Appointment Information - Location Resource | AIP Appointment Information -
Personnel Resource | AIS Appointment Information | AL1 Patient Allergy Information | APR Appointment Preferences |
ARQ Appointment Request | ARV Access Restriction | AUT Authorization Information | BHS Batch Header | BLC Blood Code
| BLG Billing | BPO Blood product order | BPX Blood product dispense status | BTS Batch Trailer | BTX Blood Product
Transfusion/Disposition | CDM Charge Description Master | CER Certificate Detail | CM0 Clinical Study Master | CM1
Clinical Study Phase Master | CM2 Clinical Study Schedule Master | CNS Clear Notification | CON Consent Segment |
CSP Clinical Study Phase | CSR Clinical Study Registration | CSS Clinical Study Data Schedule Segment | CTD Contact
Data | CTI Clinical Trial Identification | DB1 Disability | DG1 Diagnosis | DMI DRG Master File Information | DRG
Diagnosis Related Group | DSC Continuation Pointer | DSP Display Data | ECD Equipment Command | ECR Equipment
Command Response | ED Encapsulated Data | EDU Educational Detail | EQL Embedded Query Language | EQP Equipment/log
Service | EQU Equipment Detail | ERQ Event replay query | ERR Error | EVN Event Type | FAC Facility | FHS File
Header | FT1 Financial Transaction | FTS File Trailer | GOL Goal Detail | GP1 Grouping/Reimbursement - Visit | GP2
Grouping/Reimbursement - Procedure Line Item | GT1 Guarantor | IAM Patient Adverse Reaction Information | IAR
allergy reaction | IIM Inventory Item Master | ILT Material Lot | IN1 Insurance | IN2 Insurance Additional
Information | IN3 Insurance Additional Information, Certification | INV Inventory Detail | IPC Imaging Procedure
Control Segment | IPR Invoice Processing Results | ISD Interaction Status Detail | ITM Material Item | IVC Invoice
Segment | IVT Material Location | LAN Language Detail | LCC Location Charge Code | LCH Location Characteristic | LDP
Location Department | LOC Location Identification | LRL Location Relationship | MFA Master File Acknowledgment | MFE
Master File Entry | MFI Master File Identification | MRG Merge Patient Information | MSA Message Acknowledgment |
MSH Message Header | NCK System Clock | NDS Notification Detail | NK1 Next of Kin / Associated Parties | NPU Bed
Status Update | NSC Application Status Change | NST Application control level statistics | NTE Notes and Comments |
OBR Observation Request | OBX Observation/Result | ODS Dietary Orders, Supplements, and Preferences | ODT Diet Tray
Instructions | OM1 General Segment | OM2 Numeric Observation | OM3 Categorical Service/Test/Observation | OM4
Observations that Require Specimens | OM5 Observation Batteries (Sets) | OM6 Observations that are Calculated from
Other Observations | OM7 Additional Basic Attributes | ORC Common Order | ORG Practitioner Organization Unit | ORO
Order other | OVR Override Segment | PAC Shipment Package | PCE Patient Charge Cost Center Exceptions | PCR Possible
Causal Relationship | PD1 Patient Additional Demographic | PDA Patient Death and Autopsy | PDC Product Detail
Country | PEO Product Experience Observation | PES Product Experience Sender | PID Patient Identification | PKG Item
Packaging | PMT Payment Information | PR1 Procedures | PRA Practitioner Detail | PRB Problem Details | PRC Pricing |
PRD Provider Data | PRT Participation Information | PSG Product/Service Group | PSH Product Summary Header | PSL
Product/Service Line Item | PSS Product/Service Section | PTH Pathway | PV1 Patient Visit | PV2 Patient Visit -
Additional Information | PYE Payee Information | QAK Query Acknowledgment | QID Query Identification | QPD
Query Parameter Definition | QRD Original-Style Query Definition | QRF Original style query filter | QRI Query
Response Instance | RCP Response Control Parameter | RDF Table Row Definition | RDT Table Row Data | REL Clinical
Relationship Segment | RF1 Referral Information | RFI Request for Information | RGS Resource Group | RMI Risk
Management Incident | ROL Role | RQ1 Requisition Detail-1 | RQD Requisition Detail | RX1 Pharmacy order | RXA
Pharmacy/Treatment Administration | RXC Pharmacy/Treatment Component Order | RXD Pharmacy/Treatment Dispense | RXE
Pharmacy/Treatment Encoded Order | RXG Pharmacy/Treatment Give | RXO Pharmacy/Treatment Order | RXR
Pharmacy/Treatment Route | SAC Specimen Container detail | SCD Anti-Microbial Cycle Data | SCH Scheduling Activity
Information | SCP Sterilizer Configuration (Anti-Microbial Devices) | SDD Sterilization Device Data | SFT Software
Segment | SHP Shipment | SID Substance Identifier | SLT Sterilization Lot | SPM Specimen | SPR Stored Procedure
Request Definition | STF Staff Identification | STZ Sterilization Parameter | TCC Test Code Configuration | TCD Test
Code Detail | TQ1 Timing/Quantity | TQ2 Timing/Quantity Relationship | TXA Transcription Document Header | UAC User
Authentication Credential Segment | UB1 UB82 | UB2 Uniform Billing Data | URD Results/update Definition | URS
Unsolicited Selection | VAR Variance | VND Purchasing Vendor | VTQ Virtual Table Query Request
"""
