package dev.sglp.tensor;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.function.ToDoubleFunction;
import java.util.stream.DoubleStream;
import java.util.stream.LongStream;
import org.bytedeco.javacpp.DoublePointer;
import org.bytedeco.javacpp.FloatPointer;
import org.bytedeco.javacpp.LongPointer;
import org.bytedeco.javacpp.Pointer;
import org.bytedeco.pytorch.ScalarTypeOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.TensorOptions;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;

/// Tensors from Java values and back.
public final class Tensors {
    private static final long PIECE = 1 << 18; // elements looked at together

    /// No tensor, for the optional arguments of libtorch's operators.
    public static TensorOptional none() {
        return new TensorOptional();
    }

    private Tensors() {}

    /// Copies of tensors whose values may be wanted back, in the current scope.
    public static List<Tensor> copies(Collection<Tensor> tensors) {
        return Autograd.recording(false, () -> tensors.stream().map(Tensor::clone).toList());
    }

    /// Gives tensors the values of their copies.
    ///
    /// @param copies as {@link #copies} made them, of the same tensors in the same order
    public static void restore(Collection<Tensor> tensors, List<Tensor> copies) {
        Autograd.recording(false, () -> {
            var from = copies.iterator();
            tensors.forEach(tensor -> tensor.copy_(from.next()));
            return copies;
        });
    }

    /// An address that somebody else owns.
    private static final class Address extends Pointer {
        Address(long address) {
            this.address = address;
        }
    }

    /// A tensor over the bytes of a segment, without a copy. The caller keeps the segment alive as long as the tensor.
    ///
    /// @param bytes native memory, contiguous, aligned to the element
    public static Tensor over(MemorySegment bytes, DType dtype, List<Long> shape) {
        if (!bytes.isNative()) {
            throw new IllegalArgumentException("a tensor needs native memory, got a segment on the heap");
        }
        long[] sizes = shape.stream().mapToLong(Long::longValue).toArray();
        return torch.from_blob(new Address(bytes.address()), sizes, new TensorOptions(scalarType(dtype)));
    }

    /// A float32 tensor with a copy of `values`, row-major.
    public static Tensor floats(float[] values, long... shape) {
        return Scope.yield(
                () -> torch.from_blob(new FloatPointer(values), shape, new TensorOptions(ScalarType.Float)).clone());
    }

    /// A float64 tensor with a copy of `values`, row-major.
    public static Tensor doubles(double[] values, long... shape) {
        return Scope.yield(
                () -> torch.from_blob(new DoublePointer(values), shape, new TensorOptions(ScalarType.Double)).clone());
    }

    /// An int64 tensor with a copy of `values`.
    public static Tensor longs(long[] values) {
        return Scope.yield(() -> torch
                .from_blob(new LongPointer(values), new long[]{values.length}, new TensorOptions(ScalarType.Long))
                .clone());
    }

    public static Tensor zeros(DType dtype, long... shape) {
        return torch.zeros(shape, new TensorOptions(scalarType(dtype)));
    }

    public static Tensor ones(DType dtype, long... shape) {
        return torch.ones(shape, new TensorOptions(scalarType(dtype)));
    }

    /// Every element as a double, row-major.
    public static double[] toDoubles(Tensor tensor) {
        return Autograd.recording(false, () -> {
            try (var _ = Scope.open()) {
                var flat = tensor.detach()
                        .to(torch.device(new org.bytedeco.pytorch.Device("cpu"))
                                .dtype(new ScalarTypeOptional(ScalarType.Double)), false, false,
                                new org.bytedeco.pytorch.MemoryFormatOptional())
                        .contiguous();
                var values = new double[Math.toIntExact(flat.numel())];
                flat.data_ptr_double().get(values);
                return values;
            }
        });
    }

    /// A copy of a tensor's elements in `dtype`: contiguous, little-endian, in memory of `arena`.
    @SuppressWarnings("restricted") // libtorch says where its bytes are
    public static MemorySegment bytes(Tensor tensor, DType dtype, Arena arena) {
        return Autograd.recording(false, () -> {
            try (var _ = Scope.open()) {
                var flat = tensor.detach().cpu().to(scalarType(dtype)).contiguous();
                var copy = arena.allocate(flat.nbytes(), 64);
                return copy.copyFrom(MemorySegment.ofAddress(flat.data_ptr().address()).reinterpret(flat.nbytes()));
            }
        });
    }

    /// Whether no element is NaN or infinite. Piece by piece: looking at a whole tensor would take several times its memory.
    public static boolean allFinite(Tensor tensor) {
        try (var _ = Scope.open()) {
            var flat = tensor.detach().reshape(-1);
            for (long at = 0; at < tensor.numel(); at += PIECE) {
                try (var _ = Scope.open()) {
                    if (!torch.isfinite(flat.narrow(0, at, Math.min(PIECE, tensor.numel() - at))).all().item_bool()) {
                        return false;
                    }
                }
            }
            return true;
        }
    }

    /// The largest magnitude of a floating-point tensor; NaN where an element is NaN, 0 where there is none.
    public static double largest(Tensor tensor) {
        double largest = 0;
        for (double found : pieces(tensor, piece -> piece.abs().max().item_double())) {
            largest = Math.max(largest, found);
        }
        return largest;
    }

    /// Replaces every element by the nearest one that `dtype` has. Only some thousand exist twice at a time.
    public static void round(Tensor tensor, DType dtype) {
        pieces(tensor, piece -> piece.copy_(piece.to(scalarType(dtype))).numel());
    }

    /// Whether every number is one that `dtype` has.
    public static boolean isRounded(Tensor tensor, DType dtype) {
        return DoubleStream.of(pieces(tensor, piece -> piece.to(scalarType(dtype)).ne(piece).sum().item_double()))
                .sum() == 0;
    }

    /// Some thousand elements at a time, or all where they do not lie one after the other.
    private static double[] pieces(Tensor tensor, ToDoubleFunction<Tensor> each) {
        return Autograd.recording(false, () -> {
            try (var _ = Scope.open()) {
                long count = tensor.numel();
                long most = tensor.is_contiguous() ? PIECE : Math.max(1, count);
                var flat = tensor.is_contiguous() ? tensor.detach().view(-1) : tensor.detach();
                return LongStream.range(0, Math.ceilDiv(count, most)).mapToDouble(i -> {
                    try (var _ = Scope.open()) {
                        return each.applyAsDouble(most < count
                                ? flat.narrow(0, i * most, Math.min(most, count - i * most))
                                : flat);
                    }
                }).toArray();
            }
        });
    }

    /// Whether `dtype` holds every element as it is.
    public static boolean exact(Tensor tensor, DType dtype) {
        try (var _ = Scope.open()) {
            var own = tensor.detach();
            return own.to(scalarType(dtype)).to(own.scalar_type()).equal(own);
        }
    }

    /// The shape, outermost first.
    public static List<Long> shape(Tensor tensor) {
        return java.util.Arrays.stream(tensor.shape()).boxed().toList();
    }

    /// Tells whether two handles mean the same native tensor (a tied weight).
    public static long identity(Tensor tensor) {
        return tensor.unsafeGetTensorImpl().address();
    }

    /// libtorch's name for an element type.
    public static ScalarType scalarType(DType dtype) {
        return switch (dtype) {
            case F64 -> ScalarType.Double;
            case F32 -> ScalarType.Float;
            case F16 -> ScalarType.Half;
            case BF16 -> ScalarType.BFloat16;
            case I64 -> ScalarType.Long;
            case I32 -> ScalarType.Int;
            case I16 -> ScalarType.Short;
            case I8 -> ScalarType.Char;
            case U8 -> ScalarType.Byte;
            case BOOL -> ScalarType.Bool;
        };
    }

    /// The element type of a tensor, or empty where it is not one that checkpoints hold.
    public static Optional<DType> dtype(Tensor tensor) {
        var type = tensor.scalar_type().intern();
        return java.util.Arrays.stream(DType.values()).filter(d -> scalarType(d) == type).findFirst();
    }
}
