import autoPlace from 'bpmn-js/lib/features/auto-place';
import create from 'diagram-js/lib/features/create';
import lanes from '../lanes/module.js';
import StepMaker from './make.js';
import StepPicker from './picker.js';

export default { __depends__: [autoPlace, create, lanes], stepMaker: ['type', StepMaker], stepPicker: ['type', StepPicker] };
