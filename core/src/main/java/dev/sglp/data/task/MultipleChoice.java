package dev.sglp.data.task;

import dev.sglp.data.DataSpec;
import dev.sglp.data.Dataset;
import dev.sglp.data.JsonLine;
import dev.sglp.data.text.Tokenizer;
import dev.sglp.data.text.Utf8;
import dev.sglp.fault.UsageException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/// A task's items as token ids, in the order of the file.
///
/// @param kind  which task
/// @param file  where the items come from
/// @param items the first ones, at least one
/// @param notes what people should know of how they were read
public record MultipleChoice(TaskKind kind, String file, List<Item> items, List<String> notes) {
    public MultipleChoice {
        items = List.copyOf(items);
        notes = List.copyOf(notes);
    }

    /// What tells these items from all others.
    public String digest() {
        var all = new StringBuilder(kind.label());
        for (var item : items) {
            all.append(';').append(item.right);
            item.requests.forEach(request -> all.append(Arrays.toString(request.context))
                    .append(Arrays.toString(request.continuation)));
        }
        return "%d items, %s".formatted(items.size(), Dataset.digest(all.toString().getBytes(StandardCharsets.UTF_8)));
    }

    /// One question.
    ///
    /// @param requests   one for each choice
    /// @param characters of each choice: what `acc_norm` divides its score by
    /// @param right      index of the right choice
    public record Item(List<Request> requests, List<Integer> characters, int right) {
        public Item {
            requests = List.copyOf(requests);
            characters = List.copyOf(characters);
        }
    }

    /// What a choice is judged by: the log-likelihood of the continuation after the context.
    ///
    /// @param context      token ids, at least one
    /// @param continuation token ids
    public record Request(int[] context, int[] continuation) {}

    /// Opens `task:NAME=FILE`.
    ///
    /// @param limit the first so many items; 0: all
    /// @throws UsageException where it names no known task
    /// @throws IOException    where the file cannot be read, or a line is not an item of the task
    public static MultipleChoice open(DataSpec data, Tokenizer tokenizer, int limit) throws IOException {
        var task = TaskSpec.of(data);
        return read(TaskKind.named(task.name()), task.file(), tokenizer, limit);
    }

    private static MultipleChoice read(TaskKind kind, Path file, Tokenizer tokenizer, int limit) throws IOException {
        if (limit < 0) {
            throw new UsageException("--limit must be at least 0, got %d".formatted(limit));
        }
        var pairs = new PairEncoding(tokenizer);
        var items = new ArrayList<Item>();
        var read = Utf8.read(file);
        for (var line : JsonLine.all(file, read.text(), limit == 0 ? Integer.MAX_VALUE : limit)) {
            items.add(item(kind.question(line), pairs));
        }
        if (items.isEmpty()) {
            throw new IOException("[%s] has no items".formatted(file));
        }
        boolean enough = items.size() == limit; // what was not read would not be used
        return new MultipleChoice(kind, String.valueOf(file.getFileName()), items, enough ? List.of() : read.notes());
    }

    private static Item item(Question question, PairEncoding pairs) {
        var requests = new ArrayList<Request>();
        for (int i = 0; i < question.choices().size(); i++) {
            requests.add(pairs.encode(question.contexts().get(i), question.continuations().get(i)));
        }
        var characters = question.choices().stream().map(c -> c.codePointCount(0, c.length())).toList();
        return new Item(requests, characters, question.right());
    }
}
