package dev.sglp.data.task;

import dev.sglp.data.task.MultipleChoice.Request;
import dev.sglp.data.text.Tokenizer;
import java.util.Arrays;

/// A context and its continuation as token ids, as lm-evaluation-harness 0.4.13 makes them: both are encoded together, and
/// the continuation is what the context alone does not account for. Blanks at the end of the context go to the
/// continuation. A BOS comes first where the tokenizer asks for one, and stands for an empty or blank context (an EOS where
/// there is no BOS).
///
/// @param tokenizer of the model
record PairEncoding(Tokenizer tokenizer) {
    Request encode(String context, String continuation) {
        int end = withoutBlanks(context);
        if (end == 0) {
            return afterNothing(context + continuation);
        }
        int[] whole = tokens(context + continuation);
        int[] given = tokens(context.substring(0, end));
        return new Request(given, Arrays.copyOfRange(whole, Math.min(given.length, whole.length), whole.length));
    }

    /// Where the context ends before its blanks, as Python's `rstrip` sees them.
    private static int withoutBlanks(String text) {
        int end = text.length();
        while (end > 0 && blank(text.charAt(end - 1))) {
            end--;
        }
        return end;
    }

    private static boolean blank(char c) {
        return Character.isWhitespace(c) || Character.isSpaceChar(c) || c == '\u0085';
    }

    int[] tokens(String text) {
        int[] tokens = tokenizer.encode(text);
        int bos = tokenizer.beginning().orElse(-1);
        return bos < 0 || tokens.length > 0 && tokens[0] == bos ? tokens : prepended(bos, tokens);
    }

    private static int[] prepended(int first, int[] tokens) {
        int[] all = new int[tokens.length + 1];
        all[0] = first;
        System.arraycopy(tokens, 0, all, 1, tokens.length);
        return all;
    }

    private Request afterNothing(String continuation) {
        int[] tokens = tokenizer.encode(continuation);
        int start = tokenizer.bos().orElse(tokenizer.eos().orElse(0));
        return tokens.length > 0 && tokens[0] == start
                ? new Request(new int[]{start}, Arrays.copyOfRange(tokens, 1, tokens.length))
                : new Request(new int[]{start}, tokens);
    }
}
