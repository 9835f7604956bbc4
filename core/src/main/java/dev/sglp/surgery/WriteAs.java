package dev.sglp.surgery;

import dev.sglp.checkpoint.Checkpoint;
import dev.sglp.checkpoint.TensorInfo;
import dev.sglp.tensor.DType;

/// In which element type floating-point tensors are written.
public enum WriteAs {
    /// The one they have in the file that is read; blocks of small whole numbers, which only GGUF has, become float16.
    SAME,
    /// float32, which holds what blocks stand for to the last digit.
    F32, F16, BF16;

    /// @param info of the tensor in the file that is read
    DType of(Checkpoint from, TensorInfo info) {
        if (!info.dtype().floating()) {
            return info.dtype();
        }
        return switch (this) {
            case SAME -> from.blocks(info.name()).isPresent() ? DType.F16 : info.dtype();
            case F32 -> DType.F32;
            case F16 -> DType.F16;
            case BF16 -> DType.BF16;
        };
    }
}
