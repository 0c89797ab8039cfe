"""Stand-ins for WeChat Pay and Alipay: servers on loopback, with keys and books of their own, that do as a test tells them.

They know nothing of the shop's code: what they sign and seal is written down here a second time, from the providers' manuals.
"""
