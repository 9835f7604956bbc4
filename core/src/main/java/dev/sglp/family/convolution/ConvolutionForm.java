package dev.sglp.family.convolution;

import dev.sglp.family.Architecture.Input.Image;
import java.util.SequencedMap;

/// How a family speaks of a network: for people, in its configuration, in Python.
public interface ConvolutionForm {
    /// For instance `ResNet-56, 9-9-9 blocks`.
    String title(Blueprint network);

    /// The fields of `config.json` that say how it is built.
    SequencedMap<String, Object> fields(Blueprint network);

    /// The lines of Python that make a `model`, without its weights.
    String python(Blueprint network, Image input);
}
