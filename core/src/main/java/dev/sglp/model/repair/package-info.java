/// What a repair asks of a network and gives back.
@NullMarked
package dev.sglp.model.repair;

import org.jspecify.annotations.NullMarked;
