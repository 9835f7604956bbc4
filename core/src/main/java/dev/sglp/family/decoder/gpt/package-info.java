/// Language models with layer norms and the names of GPT-2 and its followers, a file each.
@NullMarked
package dev.sglp.family.decoder.gpt;

import org.jspecify.annotations.NullMarked;
