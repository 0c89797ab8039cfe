"""WeChat Pay, APIv3: code to scan on a screen (Native), the app on a phone (H5). Keys and numbers from the environment."""

NAME = "wechat"
