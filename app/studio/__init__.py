"""流程工作室: where analysts draw procedures, prove them, try them and send them to be approved."""
