"""Tables that cooperatives keep: reading and writing CSV and XLSX. Pure: knows cells and bytes, no database."""
