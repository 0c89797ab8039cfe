"""Alipay: its page in a browser (page pay), its app from a phone's browser (wap pay). Keys and numbers from the environment."""

NAME = "alipay"
