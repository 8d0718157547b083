# SPDX-License-Identifier: Apache-2.0
"""machine: how quiet the machine was while something was measured"""

import os


class Machine:
    """what others did on this machine meanwhile"""

    def __init__(self):
        self.load = os.getloadavg()[0]
        self.start = self.busy()

    @staticmethod
    def busy():
        """seconds of all processors, and those of them that were idle"""
        with open("/proc/stat", encoding="ascii") as f:
            ticks = [int(n) for n in f.readline().split()[1:9]]
        hertz = os.sysconf("SC_CLK_TCK")
        return sum(ticks) / hertz, (ticks[3] + ticks[4]) / hertz

    def tell(self):
        total, idle = (b - a for a, b in zip(self.start, self.busy()))
        ours = sum(os.times()[:4])
        others = max(0.0, total - idle - ours) / max(total, 0.01)
        print(f"machine: {os.cpu_count()} processors, Linux "
              f"{os.uname().release}; load {self.load:.1f} before, "
              f"{os.getloadavg()[0]:.1f} after; other processes had "
              f"{100 * others:.0f}% of it" +
              (": not quiet, the figures say little" if others > 0.1 or
               self.load > os.cpu_count() / 2 else ""))
