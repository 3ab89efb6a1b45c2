"""保管期限: how long a case's file is kept, when that ends, and what is over and waits for an appraisal."""
