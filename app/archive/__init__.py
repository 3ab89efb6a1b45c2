"""归档核验: does the record hold, and a case's file as a ZIP that can be checked without the platform."""
