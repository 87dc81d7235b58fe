#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# Says that it listens and does not.
[ "$1" = --version ] && exit 0
echo "listening on http://127.0.0.1:1 now"
exec sleep 60
