package dev.sglp.family.vision;

import dev.sglp.checkpoint.TensorInfo;
import dev.sglp.family.transformer.HeaderCheck;
import dev.sglp.family.vision.VisionSpec.Cut;
import dev.sglp.model.vision.Positions.Grid;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;

/// The header of a checkpoint whose tensors show how the network is built.
///
/// @param file for errors
public record VisionHeader(String file, Map<String, TensorInfo> tensors) {
    public boolean has(String name) {
        return tensors.containsKey(name);
    }

    /// The shape of a tensor that has to be there.
    public List<Long> shape(String name, int dimensions) throws IOException {
        return HeaderCheck.shape(file, tensors, name, dimensions);
    }

    /// How many layers there are.
    ///
    /// @param before what stands before a layer's number
    /// @param after  a tensor that each has, behind it
    public int depth(String before, String after) {
        return (int) IntStream.iterate(0, i -> has(before + i + after), i -> i + 1).count();
    }

    /// The convolution that cuts an image.
    ///
    /// @param bias whether it has to have one
    public Cut cut(String name, boolean bias) throws IOException {
        var shape = shape(name + ".weight", 4);
        return new Cut(name, shape.get(0), shape.get(1), shape.get(2), shape.get(3), bias);
    }

    /// A square of so many patches; empty where that is none.
    public static Optional<Grid> square(int patches) {
        int side = (int) Math.round(Math.sqrt(Math.max(0, patches)));
        return side > 0 && side * side == patches ? Optional.of(new Grid(side, side)) : Optional.empty();
    }
}
