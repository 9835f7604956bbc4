package dev.sglp.data.image;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/// The pixels of many images of one size in native memory that the garbage collector frees: uint8 `[N, 3, H, W]`.
record Pixels(MemorySegment bytes, int height, int width) {
    static Pixels allocate(int count, int height, int width) {
        return new Pixels(Arena.ofAuto().allocate(Math.max(1, (long) count * 3 * height * width), 64), height, width);
    }

    /// Bytes an image.
    long stride() {
        return 3L * height * width;
    }

    /// The images `[from, to)`, not copied.
    MemorySegment slice(int from, int to) {
        return bytes.asSlice(from * stride(), (to - from) * stride());
    }

    void set(int index, Rgb image) {
        slice(index, index + 1).copyFrom(MemorySegment.ofArray(image.planes()));
    }

    /// A copy of one image's planes.
    byte[] get(int index) {
        return slice(index, index + 1).toArray(ValueLayout.JAVA_BYTE);
    }

    boolean sameSize(Pixels other) {
        return height == other.height && width == other.width;
    }

    String size() {
        return width + "×" + height;
    }
}
