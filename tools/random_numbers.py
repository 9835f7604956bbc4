"""The numbers of SplitMixTest and SeedTest, from the algorithms as their documentation words them: python tools/random_numbers.py"""

import hashlib
import math

M = (1 << 64) - 1


class SplitMix:
    def __init__(self, seed):
        self.state, self.spare = seed & M, None

    def next_long(self):
        self.state = (self.state + 0x9E3779B97F4A7C15) & M
        z = self.state
        z = (z ^ z >> 30) * 0xBF58476D1CE4E5B9 & M
        z = (z ^ z >> 27) * 0x94D049BB133111EB & M
        return z ^ z >> 31

    def next_double(self):
        return (self.next_long() >> 11) * 2.0**-53

    def below(self, bound):
        return self.next_long() * bound >> 64

    def normal(self):
        if self.spare is not None:
            held, self.spare = self.spare, None
            return held
        while True:
            u, v = 2 * self.next_double() - 1, 2 * self.next_double() - 1
            s = u * u + v * v
            if 0 < s < 1:
                break
        factor = math.sqrt(-2 * math.log(s) / s)
        self.spare = v * factor
        return u * factor


def mix(seed, stream):
    """A seed for one of many streams."""
    return SplitMix(SplitMix(seed).next_long() ^ stream * 0x9E3779B97F4A7C15 & M).next_long()


def seeded(value, name, draw):
    return SplitMix(int.from_bytes(hashlib.sha256(f"{value}/{name}/{draw}".encode()).digest()[:8], "big"))


if __name__ == "__main__":
    print("SplitMix(1234567):", *[SplitMix(1234567).next_long()])
    random = SplitMix(42)
    print("SplitMix(42), doubles:", *[repr(random.next_double()) for _ in range(3)])
    print("SplitMix(42), below 10:", *(lambda r: [r.below(10) for _ in range(12)])(SplitMix(42)))
    random = SplitMix(42)
    print("SplitMix(42), normal:", *[repr(random.normal()) for _ in range(6)])
    print("Seed 7, 'layer1.0.conv1.weight', draw 0:", seeded(7, "layer1.0.conv1.weight", 0).next_long())
    for draw in (0, 1):
        random = seeded(7, "layer1.0.conv1.weight", draw)
        print(f"Seed 7, draw {draw}, normal:", *[repr(random.normal()) for _ in range(4)])
