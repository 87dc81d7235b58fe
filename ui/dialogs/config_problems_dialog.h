// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "config/config_source.h"
#include <QDialog>
#include <vector>

class QLabel;

namespace weir::ui {

/// Why Weir has not started: every mistake of the configuration with its place, and the ways out. exec()
/// returns a Choice; Escape and closing mean Quit.
class ConfigProblemsDialog : public QDialog
{
    Q_OBJECT
public:
    enum Choice
    {
        Quit = QDialog::Rejected,
        ReadAgain,
        StartWithDefaults,
    };

    /// `file` may not exist.
    ConfigProblemsDialog(const QString &file, const std::vector<config::Problem> &problems,
                         QWidget *parent = nullptr);

private:
    void openFile();

    const QString m_file;
    QLabel *m_told;
};

} // namespace weir::ui
