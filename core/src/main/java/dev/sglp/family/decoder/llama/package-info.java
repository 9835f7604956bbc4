/// Language models with the names of Llama, a file a family.
@NullMarked
package dev.sglp.family.decoder.llama;

import org.jspecify.annotations.NullMarked;
