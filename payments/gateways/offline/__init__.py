"""No provider at all: the buyer pays into the farmer's own WeChat or Alipay code, and the farmer says that it came.

It needs no contract. The money is never with anybody in between, so nothing of it can be held, shared or paid out.
"""

NAME = "offline"
