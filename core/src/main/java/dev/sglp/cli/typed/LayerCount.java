package dev.sglp.cli.typed;

import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/// A number of layers; a fraction is told where it belongs.
public final class LayerCount implements ITypeConverter<Integer> {
    public LayerCount() {}

    @Override
    public Integer convert(String text) {
        try {
            return Integer.parseInt(text.strip());
        } catch (NumberFormatException e) {
            throw new TypeConversionException("'%s' is not a whole number%s".formatted(text,
                    text.matches("0?[.]\\d+|1[.]0*") ? ". --ratio takes a fraction of the layers" : ""));
        }
    }
}
