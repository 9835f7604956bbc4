package dev.sglp.data.text.chat;

import dev.sglp.data.text.chat.jinja.Template;
import dev.sglp.data.text.chat.jinja.Template.Rendered;
import dev.sglp.data.text.chat.jinja.TemplateException;
import java.io.IOException;
import java.time.LocalDateTime;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// How a network was taught to read a conversation: a template in Jinja, as transformers renders it.
public final class ChatTemplate {
    private static final String ASSISTANT = "assistant";
    /// Data are the same every day: so Llama 3's own templates say where nobody tells them a date.
    private static final LocalDateTime OF_DATA = LocalDateTime.of(2024, 7, 26, 0, 0);

    private final String place;
    private final Template template;
    private final Map<String, String> special;

    private ChatTemplate(String place, Template template, Map<String, String> special) {
        this.place = place;
        this.template = template;
        this.special = special;
    }

    /// @param role for instance `user`
    public record Message(String role, String content) {
        private static final Set<String> ABOVE = Set.of("system", "developer");

        /// Whether it is part of what is said, not what many conversations are headed by.
        public boolean spoken() {
            return !ABOVE.contains(role);
        }
    }

    /// @param place   where it stands, for errors
    /// @param special the tokens that it may name, such as `bos_token`
    /// @throws IOException with the template's line where it has what is not known here
    public static ChatTemplate of(String place, String source, Map<String, String> special) throws IOException {
        try {
            return new ChatTemplate(place, new Template(source), Map.copyOf(special));
        } catch (TemplateException e) {
            throw failed(place, e);
        }
    }

    /// A conversation as text.
    ///
    /// @param answers  where the assistant's answers stand, with what ends each
    /// @param messages that it is made of
    public record Spoken(String text, List<Span> answers, List<Message> messages) {
        public Spoken {
            answers = List.copyOf(answers);
            messages = List.copyOf(messages);
        }
    }

    /// The conversation as text, up to where the network answers; a template that asks for the date is told today's.
    ///
    /// @throws IOException with the template's line where it refuses the conversation, or does what is not known here
    public String text(List<Message> messages) throws IOException {
        return rendered(messages, true, LocalDateTime.now()).text();
    }

    /// The whole conversation with its answers: what stands in the template's `generation` blocks; where it has none, what an answer adds to
    /// the text up to where the network answers. Where a template writes earlier answers otherwise once others follow, there is a text for
    /// each answer, which ends with it. A template that asks for the date is told the 26th of July 2024, whatever the day.
    ///
    /// @throws IOException as {@link #text}, and where it cannot be told where answers stand, or there are none
    public List<Spoken> spoken(List<Message> messages) throws IOException {
        if (messages.stream().noneMatch(message -> message.role().equals(ASSISTANT))) {
            throw new IOException("the conversation has no answer: no message of the role '%s'".formatted(ASSISTANT));
        }
        var whole = rendered(messages, false, OF_DATA);
        if (template.marks()) {
            return List.of(new Spoken(whole.text(), whole.marked(), messages));
        }
        var each = new ArrayList<Spoken>();
        for (int i = 0; i < messages.size(); i++) {
            if (messages.get(i).role().equals(ASSISTANT)) {
                each.add(answer(messages.subList(0, i), messages.subList(0, i + 1)));
            }
        }
        boolean together = each.stream().allMatch(one -> whole.text().startsWith(one.text));
        return together
                ? List.of(new Spoken(whole.text(), each.stream().flatMap(one -> one.answers.stream()).toList(),
                        messages))
                : each;
    }

    private Spoken answer(List<Message> before, List<Message> with) throws IOException {
        var head = rendered(before, true, OF_DATA).text();
        var text = rendered(with, false, OF_DATA).text();
        if (!text.startsWith(head) || text.length() == head.length()) {
            throw new IOException(
                    "[%s] chat template: it does not go on with an answer where it lets the network answer, so what an answer is cannot be told. A template with 'generation' blocks says it"
                            .formatted(place));
        }
        return new Spoken(text, List.of(new Span(head.length(), text.length())), with);
    }

    private Rendered rendered(List<Message> messages, boolean answering, LocalDateTime now) throws IOException {
        var values = new LinkedHashMap<String, Object>(special);
        var all = new ArrayList<Object>();
        for (var message : messages) {
            var one = new LinkedHashMap<String, Object>();
            one.put("role", message.role());
            one.put("content", message.content());
            all.add(one);
        }
        values.put("messages", all);
        values.put("tools", Optional.empty());
        values.put("documents", Optional.empty());
        values.put("add_generation_prompt", answering);
        try {
            return template.rendered(values, now);
        } catch (TemplateException e) {
            throw failed(place, e);
        }
    }

    private static IOException failed(String place, TemplateException e) {
        return new IOException("[%s] chat template, %s".formatted(place, e.getMessage()), e);
    }
}
