/// `config.json` as Hugging Face's libraries write it: read with errors that name the field, changed for fewer layers.
@NullMarked
package dev.sglp.family.config;

import org.jspecify.annotations.NullMarked;
