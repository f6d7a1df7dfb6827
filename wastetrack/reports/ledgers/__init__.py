"""The ledgers and reports of HJ 1259-2022, produced from what was recorded while the work was done."""
