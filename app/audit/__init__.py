"""留痕: the record of every act. Reached only through `app.flow`."""
