"""Stage 3: vendor-neutral pharmacy facts. No HL7 field address appears below this line of the flow."""
