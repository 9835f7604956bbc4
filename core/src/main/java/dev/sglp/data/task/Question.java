package dev.sglp.data.task;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/// One item in words: what each choice is judged by.
///
/// @param contexts      what is given, one for each choice
/// @param continuations what is scored after it, one for each choice
/// @param choices       the choices as the data have them
/// @param right         index of the right one
record Question(List<String> contexts, List<String> continuations, List<String> choices, int right) {
    Question {
        contexts = List.copyOf(contexts);
        continuations = List.copyOf(continuations);
        choices = List.copyOf(choices);
    }

    /// One context and a blank before each choice.
    static Question of(String context, List<String> choices, int right) {
        return new Question(Collections.nCopies(choices.size(), context), choices.stream().map(c -> " " + c).toList(),
                choices, right);
    }

    /// Choices that end the context, judged by the same continuation: partial evaluation (Trinh and Le 2018, arXiv
    /// 1806.02847).
    static Question completed(String before, List<String> options, String after, int right) {
        var contexts = new ArrayList<String>();
        options.forEach(option -> contexts.add(before + option));
        return new Question(contexts, Collections.nCopies(options.size(), " " + after), contexts, right);
    }
}
