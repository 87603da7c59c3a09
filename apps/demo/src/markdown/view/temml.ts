// A file of its own, so that formulas and their styles are loaded together.
import 'temml/dist/Temml-Local.css';
import temml from 'temml';

export { temml };
