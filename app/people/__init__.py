"""Who acts: regions, agencies, positions, officers, certificates, accounts and the way in."""
