"""The clients of Alibaba Cloud: who asks, the requests, and what goes wrong in words. Nothing else imports its SDKs."""
