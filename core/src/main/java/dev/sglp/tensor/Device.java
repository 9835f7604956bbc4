package dev.sglp.tensor;

import dev.sglp.fault.UsageException;
import java.util.Locale;
import java.util.regex.Pattern;
import org.bytedeco.pytorch.DeviceOptional;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptions;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.DeviceType;

/// Where tensors lie and are computed with. Nothing here asks whether it is there, and none of libtorch is loaded before a tensor is made.
///
/// @param kind  of device
/// @param index which of several, from 0
public record Device(Kind kind, int index) {
    /// This machine's processor and memory: what files are read into, and Java's numbers come from and go to.
    public static final Device CPU = new Device(Kind.CPU, 0);

    /// Of devices.
    public enum Kind {
        CPU,
        /// A card of NVIDIA's.
        CUDA,
        /// None: shapes and types without numbers, to try out what an operation would make where.
        META
    }

    private static final Pattern TYPED = Pattern.compile("cpu|cuda(?::(\\d{1,2}))?");

    /// What was typed: `cpu`, `cuda` or `cuda:1`.
    ///
    /// @throws UsageException where it is nothing of these
    public static Device parse(String typed) {
        var found = TYPED.matcher(typed);
        if (!found.matches()) {
            throw new UsageException("--device is cpu, cuda or cuda:N, got '%s'".formatted(typed));
        }
        return typed.equals("cpu")
                ? CPU
                : new Device(Kind.CUDA, found.group(1) == null ? 0 : Integer.parseInt(found.group(1)));
    }

    /// Loads libtorch and asks whether it can compute there; a card then counts float32 in float32 everywhere.
    ///
    /// @throws UsageException where it cannot: says what to add
    public void use() {
        if (kind != Kind.CUDA) {
            return;
        }
        if (!torch.hasCUDA()) {
            throw new UsageException(
                    "--device %s needs CUDA, and the libtorch that is here computes on the cpu alone. Build sglp with CUDA's (mvn -Pcuda package; README, Cards), or leave --device out"
                            .formatted(this));
        }
        int cards = torch.cuda_is_available() ? torch.cuda_device_count() : 0;
        if (index >= cards) {
            throw new UsageException("--device %s is not there: libtorch finds %s".formatted(this, cards == 0
                    ? "no card. Maybe its driver is missing or older than CUDA 13"
                    : "%d, cuda:0 to cuda:%d".formatted(cards, cards - 1)));
        }
        torch.globalContext().setAllowTF32CuDNN(false);
    }

    /// Waits until a tensor is there: a card computes while Java goes on.
    public static void await(Tensor tensor) {
        if (!tensor.is_cpu() && tensor.numel() > 0) {
            Scope.run(() -> Tensors.toDoubles(tensor.detach().flatten().narrow(0, 0, 1)));
        }
    }

    /// Of a tensor; what is created beside it is created there.
    public static Device of(Tensor tensor) {
        if (tensor.is_cpu()) {
            return CPU;
        }
        return tensor.is_meta() ? new Device(Kind.META, 0) : new Device(Kind.CUDA, tensor.device().index());
    }

    public boolean isCpu() {
        return kind == Kind.CPU;
    }

    /// The tensor there: itself where it lies there already, else a copy in the current scope.
    public Tensor moved(Tensor tensor) {
        return equals(of(tensor)) ? tensor : tensor.to(libtorch(), tensor.scalar_type());
    }

    /// @see Tensors#floats
    public Tensor floats(float[] values, long... shape) {
        return moved(Tensors.floats(values, shape));
    }

    /// @see Tensors#doubles
    public Tensor doubles(double[] values, long... shape) {
        return moved(Tensors.doubles(values, shape));
    }

    /// @see Tensors#longs
    public Tensor longs(long... values) {
        return moved(Tensors.longs(values));
    }

    public Tensor zeros(DType dtype, long... shape) {
        return torch.zeros(shape, options(dtype));
    }

    public Tensor ones(DType dtype, long... shape) {
        return torch.ones(shape, options(dtype));
    }

    /// int64 `0 … count − 1`.
    public Tensor range(long count) {
        return torch.arange(new Scalar(count), options(DType.I64));
    }

    private TensorOptions options(DType dtype) {
        var options = new TensorOptions(Tensors.scalarType(dtype));
        return isCpu() ? options : options.device(new DeviceOptional(libtorch()));
    }

    private org.bytedeco.pytorch.Device libtorch() {
        return new org.bytedeco.pytorch.Device(switch (kind) {
            case CPU -> DeviceType.CPU;
            case CUDA -> DeviceType.CUDA;
            case META -> DeviceType.Meta;
        }, (byte) (kind == Kind.CUDA ? index : -1));
    }

    /// As it is typed: `cpu`, `cuda:0`.
    @Override
    public String toString() {
        return kind == Kind.CUDA ? "cuda:" + index : kind.name().toLowerCase(Locale.ROOT);
    }
}
