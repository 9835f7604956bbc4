package dev.sglp.family.convolution;

import dev.sglp.family.Architecture.Input;
import dev.sglp.preparation.Preparation;
import java.util.Collections;
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

    /// What timm's architecture is given to be this network (`model_args`); empty where timm has none of these names.
    default SequencedMap<String, Object> arguments(Blueprint network) {
        return Collections.emptyNavigableMap();
    }

    /// The shorter side to which torchvision resizes before it cuts 224 pixels.
    default int resized(Blueprint network) {
        return 256;
    }

    /// The rest of `config.json`, which another library reads.
    ///
    /// @param own what was said so far
    default SequencedMap<String, Object> beside(Blueprint network, SequencedMap<String, Object> own, Input input) {
        return own;
    }

    /// The same, whose configuration says of pictures what a user typed.
    ///
    /// @throws dev.sglp.fault.UsageException where it has no words for it
    default ConvolutionForm preparedAs(Preparation preparation) {
        return this;
    }

    /// The lines of Python that make a `model`, without its weights.
    String python(Blueprint network);
}
