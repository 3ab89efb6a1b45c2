// Items: the tiers of an item's own baseline.
import { installTiers } from '../items/tiers.js';

installTiers(document, window);
