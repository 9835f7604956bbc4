package dev.sglp.family.convolution;

import java.util.SequencedMap;

/// How a family speaks of a network: for people, in its configuration, in Python.
public interface ConvolutionForm {
    /// For instance `ResNet-56, 9-9-9 blocks`.
    String title(Blueprint network);

    /// The fields of `config.json` that say how it is built.
    SequencedMap<String, Object> fields(Blueprint network);

    /// The same way of saying what another may say otherwise.
    ///
    /// @param field one of {@link #fields}
    /// @param said  by a configuration
    default Object canonical(String field, Object said) {
        return said;
    }

    /// The lines of Python that make a `model`, without its weights.
    String python(Blueprint network);
}
