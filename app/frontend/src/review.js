// The legal reviewer's workbench (templates/review/legal.html). The page can be read and handed in without it; remarks
// need it. What a remark changes on the page comes from the server, set as the whole page is.
import './css/review.css';
import { installTabs } from './review/tabs.js';
import { installPlaces } from './review/places.js';
import { installRemarks } from './review/remarks.js';
import { installOpinion } from './review/opinion.js';
import { installLook } from './review/look.js';

const bench = document.querySelector('[data-bench]');

if (bench) {
  const tabs = installTabs(bench);
  const places = installPlaces(bench, tabs);
  installLook(bench);
  if (bench.dataset.remarks) {
    installRemarks(bench, places);
    installOpinion(bench, tabs);
  }
}
