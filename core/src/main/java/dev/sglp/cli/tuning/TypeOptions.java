package dev.sglp.cli.tuning;

import dev.sglp.cli.help.Heading;
import dev.sglp.cli.help.Under;
import dev.sglp.surgery.WriteAs;
import picocli.CommandLine.Option;

/// In which element types a network is written.
@Under(Heading.OUTPUT)
public final class TypeOptions {
    @Option(names = "--write-as", paramLabel = "T", description = "element type of the weights that are written, ${COMPLETION-CANDIDATES} (default: same, the types of MODEL; GGUF's blocks of few bits become f16, with f32 the exact numbers they stand for); a tensor that the type cannot hold stays wider, and that is said")
    private WriteAs as = WriteAs.SAME;

    public TypeOptions() {}

    public WriteAs as() {
        return as;
    }
}
