/// What chat templates use of Jinja, as transformers sets it up: blocks trimmed, nothing may be changed. What is not known is refused.
@NullMarked
package dev.sglp.data.text.chat.jinja;

import org.jspecify.annotations.NullMarked;
