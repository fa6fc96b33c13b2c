"""The local web page: a browser in front of the same engine.  Needs the extra `web`."""
