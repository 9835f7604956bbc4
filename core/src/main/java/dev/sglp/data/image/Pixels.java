package dev.sglp.data.image;

import dev.sglp.tensor.DType;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/// The pixels of many images of one size in native memory that the garbage collector frees: uint8 or float32 `[N, 3, H, W]`.
record Pixels(MemorySegment bytes, Form form) {
    /// What every image is like.
    record Form(int height, int width, DType dtype) {
        static Form of(Rgb image) {
            return new Form(image.height(), image.width(), image.dtype());
        }

        /// Bytes an image.
        long bytes() {
            return 3L * height * width * dtype.bytes();
        }

        String size() {
            return width + "×" + height;
        }
    }

    static Pixels allocate(int count, Form form) {
        return new Pixels(Arena.ofAuto().allocate(Math.max(1, count * form.bytes()), 64), form);
    }

    int height() {
        return form.height;
    }

    int width() {
        return form.width;
    }

    /// Bytes an image.
    long stride() {
        return form.bytes();
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

    String size() {
        return form.size();
    }
}
