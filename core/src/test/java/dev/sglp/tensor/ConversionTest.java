package dev.sglp.tensor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sglp.Scoped;
import java.lang.foreign.Arena;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;
import java.util.Random;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Against libtorch's conversions, bit by bit.
@ExtendWith(Scoped.class)
final class ConversionTest {
    private static final int COUNT = 100_000;

    /// Bits of all kinds: every exponent, numbers in the middle between two of a shorter type, zeros, the smallest and the largest.
    private static Tensor values(DType type) {
        var random = new Random(5);
        var floats = new float[COUNT];
        for (int i = 0; i < COUNT; i++) {
            float any = Float.intBitsToFloat(random.nextInt());
            float middle = Float.intBitsToFloat(Float.floatToRawIntBits(any) & 0xffff_8000);
            float half = Float.intBitsToFloat(Float.floatToRawIntBits(random.nextFloat() * 1e-4f) & 0xffff_f000);
            floats[i] = Float.isFinite(any) ? i % 3 == 0 ? any : i % 3 == 1 ? middle : half : 0;
        }
        System.arraycopy(
                new float[]{0f, -0f, 65504, 65519.996f, -65504, 6e-8f, 2.9e-8f, 3.3895314e38f, Float.MAX_VALUE},
                0, floats, 0, 9);
        return Tensors.floats(floats, COUNT).to(Tensors.scalarType(type));
    }

    private static byte[] bytes(Tensor tensor, DType type) {
        try (var arena = Arena.ofConfined()) {
            return Tensors.bytes(tensor, type, arena).toArray(ValueLayout.JAVA_BYTE);
        }
    }

    @ParameterizedTest
    @CsvSource({"F32, F16", "F32, BF16", "F32, F32", "F16, F32", "F16, BF16", "BF16, F16", "BF16, F32", "F64, F32",
            "F64, F16", "F64, BF16", "F64, F64"})
    void everyNumberBecomesWhatLibtorchMakesOfIt(DType from, DType to) {
        var values = values(from);
        var conversion = new Conversion(from, to);
        var piece = ByteBuffer.wrap(bytes(values, from));
        var out = ByteBuffer.allocate(conversion.bytes(piece.remaining()));
        conversion.convert(piece, out);
        assertThat(piece.hasRemaining()).isFalse();
        assertThat(out.array()).isEqualTo(bytes(values, to));
    }

    @Test
    void whatIsNoNumberStaysNone() {
        for (var to : List.of(DType.F16, DType.BF16)) {
            var piece = ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN).putInt(0x7f80_0001).putFloat(Float.NaN);
            var out = ByteBuffer.allocate(4);
            new Conversion(DType.F32, to).convert(piece.flip(), out);
            var back = ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN);
            new Conversion(to, DType.F32).convert(out.flip(), back);
            assertThat(back.getFloat(0)).isNaN();
            assertThat(back.getFloat(4)).isNaN();
        }
    }

    /// From 65,520 on float16 is infinite: in the middle between its largest number and the next there would be.
    @ParameterizedTest
    @CsvSource({"F32, F16, 65504, true", "F32, F16, 65519.99, true", "F32, F16, 65520, false", "BF16, F16, 1e5, false",
            "F16, F16, 65504, true", "F32, BF16, 3.3895e38, true", "F32, BF16, 3.4e38, false",
            "F64, F32, 3.4028e38, true", "F64, F32, 3.5e38, false", "F32, F16, NaN, false", "F32, F32, NaN, false",
            "F32, BF16, Infinity, false", "F64, F64, Infinity, false"})
    void aNumberBeyondTheOtherTypeDoesNotFit(DType from, DType to, double largest, boolean fits) {
        assertThat(new Conversion(from, to).holds(largest)).isEqualTo(fits);
    }

    @ParameterizedTest
    @CsvSource({"F32", "F16", "BF16", "F64"})
    void theLargestMagnitudeIsFound(DType type) {
        var conversion = new Conversion(type, type);
        var some = Tensors.floats(new float[]{1, -3, 2}, 3);
        assertThat(conversion.largest(ByteBuffer.wrap(bytes(some, type)))).isEqualTo(3);
        assertThat(Tensors.largest(some.to(Tensors.scalarType(type)))).isEqualTo(3);
        var broken = Tensors.floats(new float[]{1, Float.NaN, 7}, 3);
        assertThat(conversion.largest(ByteBuffer.wrap(bytes(broken, type)))).isNaN();
        assertThat(Tensors.largest(broken)).isNaN();
        assertThat(Tensors.largest(Tensors.zeros(DType.F32, 0))).isZero();
    }

    @Test
    void aTensorIsRoundedInItsPlaceWhereverItsElementsLie() {
        var plain = Seed.of(1).normal("a", 1, 3, 200_001);
        var other = Seed.of(2).normal("b", 1, 5, 3, 2, 2).contiguous(torch.MemoryFormat.ChannelsLast);
        for (var tensor : List.of(plain, other)) {
            for (var type : List.of(DType.F16, DType.BF16)) {
                var expected = bytes(tensor, type);
                Tensors.round(tensor, type);
                assertThat(Tensors.exact(tensor, type)).isTrue();
                assertThat(bytes(tensor, type)).isEqualTo(expected);
            }
        }
    }

    @Test
    void anElementIsNotCut() {
        var conversion = new Conversion(DType.F32, DType.F16);
        assertThatThrownBy(() -> conversion.largest(ByteBuffer.allocate(6)))
                .isInstanceOf(IllegalArgumentException.class).hasMessageContaining("6 bytes");
        assertThatThrownBy(() -> new Conversion(DType.I64, DType.F16)).isInstanceOf(IllegalArgumentException.class);
    }
}
