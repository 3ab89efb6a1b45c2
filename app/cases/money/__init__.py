"""What a party owes in a case: claims, payments, surcharge by the day, plans of payment. What is read where, is data."""
