"""电子案卷: a case's papers and evidence bound into one bookmarked PDF with a cover, contents and page numbers."""
