/// What the user says of the data, and what differs between images and text.
@NullMarked
package dev.sglp.cli.data;

import org.jspecify.annotations.NullMarked;
