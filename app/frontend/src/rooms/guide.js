// Help in place: parts of a page that are fetched when they are opened, articles in a dialog, the first-day tour.
import { installArticles } from '../guide/articles.js';
import { installLazy } from '../guide/lazy.js';
import { installTour } from '../guide/tour.js';

installLazy(document);
installArticles(document);
installTour(document, window);
