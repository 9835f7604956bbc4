package dev.sglp.checkpoint.gguf.dialect;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/// One architecture of llama.cpp and the family of transformers that it is.
///
/// @param code    what files call it (`general.architecture`)
/// @param type    `model_type` in a `config.json`
/// @param hugging the class in transformers
/// @param names   of its tensors
/// @param clauses what its values say, in order
public record Dialect(String code, String type, String hugging, Names names, List<Clause> clauses) {
    /// One thing that a file says, put down as transformers has it.
    public interface Clause {
        /// @throws IOException where the file does not say it, or says it in a way that is not understood
        void say(Said said) throws IOException;
    }

    public Dialect {
        clauses = List.copyOf(clauses);
    }

    public static Dialect of(String code, String type, String hugging, Names names, Clause... clauses) {
        return new Dialect(code, type, hugging, names, List.of(clauses));
    }

    /// Another architecture that says the same, and more.
    public Dialect as(String otherCode, String otherType, String otherClass, Names otherNames, Clause... more) {
        var all = new ArrayList<>(clauses);
        all.addAll(List.of(more));
        return new Dialect(otherCode, otherType, otherClass, otherNames, all);
    }
}
