/// Conversations as text, and text as it comes.
@NullMarked
package dev.sglp.data.text.chat;

import org.jspecify.annotations.NullMarked;
