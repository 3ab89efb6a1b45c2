// English that diagram-js writes without asking its translate service.
const popup = 'diagram-js/lib/features/popup-menu';

export const LITERALS = {
  [`${popup}/PopupMenuBreadcrumbs.js`]: [['title="Back"', 'title="返回"'], ['aria-label="Back"', 'aria-label="返回"']],
  [`${popup}/PopupMenuComponent.js`]: [
    ["title || 'Search'", "title || '查找'"],
    ["title || 'Results'", "title || '结果'"],
    ['`Open entry documentation for ${ selectedEntry.label }`', '`查看“${ selectedEntry.label }”的说明`'],
    ["'Open entry documentation'", "'查看说明'"],
    ['                Open entry documentation\n', '                查看说明\n'],
  ],
  [`${popup}/PopupMenuItem.js`]: [['title="Open entry documentation"', 'title="查看说明"']],
};

export const STYLED_ICONS = [
  'bpmn-js/lib/features/align-elements/AlignElementsIcons.js',
  'bpmn-js/lib/features/distribute-elements/DistributeElementsIcons.js',
];
