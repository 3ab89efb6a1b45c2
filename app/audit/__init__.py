"""留痕: the record of every act. Written through `app.flow` alone, read by `app.archive`."""
