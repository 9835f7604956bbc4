package dev.sglp.data.text.chat;

import dev.sglp.data.text.chat.jinja.Template;
import dev.sglp.data.text.chat.jinja.TemplateException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// How a network was taught to read a conversation: a template in Jinja, as transformers renders it.
public final class ChatTemplate {
    private final String place;
    private final Template template;
    private final Map<String, String> special;

    private ChatTemplate(String place, Template template, Map<String, String> special) {
        this.place = place;
        this.template = template;
        this.special = special;
    }

    /// @param role for instance `user`
    public record Message(String role, String content) {}

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

    /// The conversation as text, up to where the network answers.
    ///
    /// @throws IOException with the template's line where it refuses the conversation, or does what is not known here
    public String text(List<Message> messages) throws IOException {
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
        values.put("add_generation_prompt", true);
        try {
            return template.text(values);
        } catch (TemplateException e) {
            throw failed(place, e);
        }
    }

    private static IOException failed(String place, TemplateException e) {
        return new IOException("[%s] chat template, %s".formatted(place, e.getMessage()), e);
    }
}
