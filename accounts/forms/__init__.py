"""Forms of accounts, by subject. They check the shape of what was typed; services check that it is true."""
